// A client of SCRAM, written from RFC 5802 and of nothing that the server is made of.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Client, ReceivedReply } from '@maitred/testing';

export interface ScramClientOptions {
  readonly hash: 'SHA-256' | 'SHA-1';
  readonly user: string;
  readonly password: string;
  readonly nonce?: string;
  /** The header's flag. Default: `n`. */
  readonly flag?: string;
  readonly actAs?: string;
  /** What the channel is bound to. */
  readonly binding?: Buffer;
  /** Changes a message before it is sent. */
  readonly tamper?: (message: string) => string;
}

const encoded = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const decoded = (reply: ReceivedReply): string => Buffer.from(reply.text, 'base64').toString();

const saslname = (text: string): string => text.replaceAll('=', '=3D').replaceAll(',', '=2C');

function xor(one: Buffer, other: Buffer): Buffer {
  const result = Buffer.from(one);
  for (let at = 0; at < one.length; at += 1) result[at] = one.readUInt8(at) ^ other.readUInt8(at);
  return result;
}

const salted = new Map<string, Buffer>();

/** Hi() of RFC 5802 2.2, which a client may remember (RFC 5802 5.1). */
function hi(hash: string, text: string, salt: Buffer, count: number): Buffer {
  const known = `${hash} ${text} ${salt.toString('hex')} ${count}`;
  const before = salted.get(known);
  if (before) return before;
  let u = createHmac(hash, text)
    .update(salt)
    .update(Buffer.of(0, 0, 0, 1))
    .digest();
  let result: Buffer = u;
  for (let n = 1; n < count; n += 1) {
    u = createHmac(hash, text).update(u).digest();
    result = xor(result, u);
  }
  salted.set(known, result);
  return result;
}

/** Speaks one exchange; gives the last reply, and throws where the server can't prove that it knows the password. */
export async function speakScram(
  client: Client,
  mechanism: string,
  options: ScramClientOptions,
): Promise<ReceivedReply> {
  const {
    hash,
    user,
    password,
    nonce = randomBytes(12).toString('hex'),
    flag = 'n',
    actAs,
    tamper = (it) => it,
  } = options;
  const name = hash.replace('-', '').toLowerCase();
  const hmac = (key: Buffer, text: string | Buffer): Buffer => createHmac(name, key).update(text).digest();
  const h = (octets: Buffer): Buffer => createHash(name).update(octets).digest();
  const header = `${flag},${actAs === undefined ? '' : `a=${saslname(actAs)}`},`;
  const firstBare = `n=${saslname(user)},r=${nonce}`;
  const first = await client.command(`AUTH ${mechanism} ${encoded(tamper(header + firstBare))}`);
  if (first.code !== 334) return first;

  const serverFirst = decoded(first);
  const [, whole = '', salt = '', count = ''] = /^r=([!-+\--~]+),s=([A-Za-z0-9+/=]+),i=(\d+)$/.exec(serverFirst) ?? [];
  if (!whole.startsWith(nonce) || whole.length === nonce.length) throw new Error(`no nonce of ours: ${serverFirst}`);
  const saltedPassword = hi(name, password, Buffer.from(salt, 'base64'), Number(count));
  const channel = encoded(Buffer.concat([Buffer.from(header), options.binding ?? Buffer.alloc(0)]));
  const finalBare = `c=${channel},r=${whole}`;
  const authMessage = `${firstBare},${serverFirst},${finalBare}`;
  const clientKey = hmac(saltedPassword, 'Client Key');
  const proof = xor(clientKey, hmac(h(clientKey), authMessage));
  const final = await client.command(encoded(tamper(`${finalBare},p=${encoded(proof)}`)));
  if (final.code !== 334) return final;

  const signature = encoded(hmac(hmac(saltedPassword, 'Server Key'), authMessage));
  if (decoded(final) !== `v=${signature}`) throw new Error(`the server doesn’t know the password: ${decoded(final)}`);
  return client.command('');
}
