import { token, type TlsOptions, type Token } from '@maitred/core';

/** A server's certificates: loaded, checked and ready for a handshake. */
export interface Certificates {
  /**
   * What a handshake is made with now; the same object until a reload. A function on its own, so that it is the `tls` of
   * a listener (RFC 8314) as it stands, asked at each handshake.
   */
  readonly settings: () => TlsOptions;
  /**
   * Loads everything anew and, if all of it is fit to serve, puts it in place at once for every handshake from then on.
   * Sessions that run go on as they are. Rejects with an error that names the certificate at fault; then the old ones stay.
   */
  readonly reload: () => Promise<void>;
}

/** The certificates that STARTTLS uses; registered by `starttls({ certificates })`. */
export const Certificates: Token<Certificates> = token('certificates');
