/** A signed example of an RFC: fields to put on top of its example message. */
export interface Example {
  readonly name: string;
  /** Ends in CRLF. */
  readonly fields: string;
  /** The spaces between the body's two sentences: the RFCs' texts differ, and simple tells. */
  readonly spaces: string;
  readonly results: readonly object[];
}

/** The keys that the examples name, as the RFCs publish them; `test` of football.example.com is a sample of its own. */
export const keys = {
  // RFC 6376 C.2.
  'brisbane._domainkey.example.com':
    'v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB',
  // RFC 8463 A.2.
  'brisbane._domainkey.football.example.com': 'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
} as const;

const crlf = (...lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join('');

/** RFC 6376 A.2 and RFC 8463 A.3, whose message is the sample `rfc6376.msg`. */
export const examples: readonly Example[] = [
  {
    name: 'RFC 6376 A.2',
    spaces: ' ',
    fields: crlf(
      'DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;',
      '      c=simple/simple; q=dns/txt; i=joe@football.example.com;',
      '      h=Received : From : To : Subject : Date : Message-ID;',
      '      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;',
      '      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB',
      '      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut',
      '      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV',
      '      4bmp/YzhwvcubU4=;',
      'Received: from client1.football.example.com  [192.0.2.1]',
      '      by submitserver.example.com with SUBMISSION;',
      '      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)',
    ),
    results: [{ result: 'pass', algorithm: 'rsa-sha256', domain: 'example.com' }],
  },
  {
    name: 'RFC 8463 A.3',
    spaces: '  ',
    fields: crlf(
      'DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;',
      ' d=football.example.com; i=@football.example.com;',
      ' q=dns/txt; s=brisbane; t=1528637909; h=from : to :',
      ' subject : date : message-id : from : subject : date;',
      ' bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;',
      ' b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus',
      ' Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==',
      'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;',
      ' d=football.example.com; i=@football.example.com;',
      ' q=dns/txt; s=test; t=1528637909; h=from : to : subject :',
      ' date : message-id : from : subject : date;',
      ' bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;',
      ' b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3',
      ' DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz',
      ' dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=',
    ),
    results: [
      { result: 'pass', algorithm: 'ed25519-sha256' },
      { result: 'pass', algorithm: 'rsa-sha256' },
    ],
  },
];
