import { generate } from 'selfsigned';

/** A certificate in PEM and its key. */
export interface PemPair {
  readonly cert: string;
  readonly key: string;
}

/** A certificate that nobody vouches for, good for this run: so that STARTTLS works before anything is set up. */
export async function selfSigned(hostname: string): Promise<PemPair> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: hostname }], {
    keyType: 'ec',
    algorithm: 'sha256',
  });
  return { cert, key };
}
