import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerEnvelope, type SMTPServerOptions } from 'smtp-server';

/** A message that the smarthost has accepted. */
export interface Taken {
  readonly from: string;
  /** RET and ENVID. */
  readonly asked: Readonly<Record<string, string>>;
  /** Address, and NOTIFY and ORCPT. */
  readonly to: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly content: string;
}

/** What the smarthost refuses, and how it is. */
export interface NextOptions extends SMTPServerOptions {
  /** Address, or `data`, or `bounce` for what a notification is → the reply that refuses it. */
  readonly refuses?: Readonly<Record<string, string>>;
}

/** A smarthost that we did not write; `taken` grows when it accepts, `octets` while content comes. */
export interface Next extends AsyncDisposable {
  readonly port: number;
  readonly taken: readonly Taken[];
  readonly octets: () => number;
}

export async function next({ refuses = {}, ...options }: NextOptions = {}): Promise<Next> {
  const taken: Taken[] = [];
  let octets = 0;
  const server = new SMTPServer({
    authOptional: true,
    hideDSN: false,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    onMailFrom: ({ address }, _, done) => done(answer(refuses[address === '' ? 'bounce' : address])),
    onRcptTo: ({ address }, _, done) => done(answer(refuses[address])),
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        octets += chunk.length;
      });
      stream.on('error', done);
      stream.on('end', () => {
        const refused = answer(refuses['data']);
        if (!refused) taken.push(takenOf(envelope, Buffer.concat(chunks).toString()));
        done(refused);
      });
    },
    ...options,
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    taken,
    octets: () => octets,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Of parameters those with a value. */
const given = (of: object): Record<string, string> =>
  Object.fromEntries(Object.entries(of).filter(([, value]) => typeof value === 'string')) as Record<string, string>;

function takenOf({ mailFrom, rcptTo, dsn }: SMTPServerEnvelope, content: string): Taken {
  return {
    from: mailFrom ? mailFrom.address : '',
    asked: given(dsn ?? {}),
    to: Object.fromEntries(rcptTo.map(({ address, args }) => [address, given(args || {})])),
    content,
  };
}

/** A reply as the server wants it: an error. */
function answer(reply: string | undefined): Error | null {
  if (reply === undefined) return null;
  const [, code, message] = /^(\d{3}) (.*)$/.exec(reply) ?? [];
  return Object.assign(new Error(message), { responseCode: Number(code) });
}
