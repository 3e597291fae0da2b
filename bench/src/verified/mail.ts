import { Buffer } from 'node:buffer';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { dkimSign, sealMessage } from 'mailauth';
import { content } from '../content.ts';
import type { Zone } from './zone.ts';

/** A message that passes all checks, and where who verifies it finds what. */
export interface SignedMail extends AsyncDisposable {
  /** As it goes over the wire, the final dot included. */
  readonly content: readonly Buffer[];
  /** Files: the DNS, and the message as it is. */
  readonly zone: string;
  readonly message: string;
}

/** Who signs and who seals. */
export interface Signers {
  readonly author: Pair;
  readonly list: Pair;
}

interface Pair {
  readonly pem: string;
  readonly zone: Zone;
}

/** Makes their keys. */
export function signers(): Signers {
  return { author: pair('author._domainkey.example.org'), list: pair('list._domainkey.lists.example.net') };
}

/** About so many octets, signed (DKIM, RSA-2048) by their author's domain and sealed (ARC, RSA-2048) by a list. */
export async function signedMail(octets: number, { author, list }: Signers = signers()): Promise<SignedMail> {
  const zone: Zone = {
    ...author.zone,
    ...list.zone,
    'example.org': 'v=spf1 ip4:127.0.0.1 -all',
    '_dmarc.example.org': 'v=DMARC1; p=reject',
  };
  const wire = content(octets);
  const once = new Map<Buffer, Buffer>();
  const plain = wire.map((piece) => {
    const text = once.get(piece) ?? unstuffed(piece);
    once.set(piece, text);
    return text;
  });
  const by = { signingDomain: 'example.org', selector: 'author', privateKey: author.pem };
  const { signatures } = await dkimSign(Readable.from(plain), { ...by, signatureData: [by] });
  const signed = [Buffer.from(signatures), ...plain];
  const set = await sealMessage(Readable.from(signed), {
    signingDomain: 'lists.example.net',
    selector: 'list',
    privateKey: list.pem,
    authResults: 'lists.example.net; dkim=pass header.i=@example.org; dmarc=pass header.from=example.org',
    cv: 'none',
  });
  const folder = await mkdtemp(join(tmpdir(), 'maitred-bench-'));
  const files = { zone: join(folder, 'zone.json'), message: join(folder, 'message.eml') };
  await writeFile(files.zone, JSON.stringify(zone));
  await writeFile(files.message, [set, ...signed]);
  return {
    ...files,
    content: [set, Buffer.from(signatures), ...wire],
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A short message that fifty lists sealed, as many as can be (RFC 8617 4.2.1); each seal covers all that came before. */
export async function sealedFiftyTimes({ list }: Signers): Promise<Buffer> {
  let message = Buffer.from('From: Sender <sender@example.org>\r\nSubject: fifty\r\n\r\nHello.\r\n');
  for (let n = 1; n <= 50; n += 1) {
    const seal = { signingDomain: 'lists.example.net', selector: 'list', privateKey: list.pem, authResults: 'a; none' };
    const set = await sealMessage(message, { ...seal, cv: n === 1 ? 'none' : 'pass' });
    message = Buffer.concat([set, message]);
  }
  return message;
}

/** What a server makes of octets on the wire. */
function unstuffed(piece: Buffer): Buffer {
  const text = piece.toString('latin1').replaceAll('\r\n..', '\r\n.');
  return Buffer.from(text.replace(/^\.\r\n$|(\r\n)\.\r\n$/, '$1'), 'latin1');
}

function pair(name: string): Pair {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const p = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  return {
    pem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    zone: { [name]: `v=DKIM1; k=rsa; p=${p}` },
  };
}
