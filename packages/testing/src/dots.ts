const dot = 0x2e;
const lf = 0x0a;

/**
 * Content as DATA carries it (RFC 5321 4.5.2): a dot before each line that begins with one, CRLF at the end if there is
 * none, the final dot. Nothing else is changed: a bare CR or LF stays what it is.
 */
export function dotStuffed(content: string | Uint8Array): Buffer {
  const octets = Buffer.from(content as string);
  const pieces: Buffer[] = [];
  let from = 0;
  for (let at = octets.indexOf(dot); at >= 0; at = octets.indexOf(dot, at + 1)) {
    if (at > 0 && !(octets[at - 1] === lf && octets[at - 2] === 0x0d)) continue;
    pieces.push(octets.subarray(from, at), Buffer.of(dot));
    from = at;
  }
  pieces.push(octets.subarray(from));
  const whole = octets.length === 0 || octets.subarray(-2).equals(Buffer.from('\r\n'));
  return Buffer.concat([...pieces, Buffer.from(whole ? '.\r\n' : '\r\n.\r\n')]);
}
