import type { Server } from '@maitred/core';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { ann, implicit } from './house.ts';

/** How a mail client reaches the server. */
export type Port = '587, STARTTLS' | '465, implicit TLS';

export interface Submitting {
  readonly port?: Port;
  readonly auth?: { readonly user: string; readonly pass: string } | undefined;
}

/** Listens on ports of its own, submits with nodemailer, and gives what that says: the reply, or an error with it. */
export async function submit(
  server: Server,
  mail: SendMailOptions = {},
  { port = '587, STARTTLS', ...how }: Submitting = {},
): Promise<string> {
  const secure = port.startsWith('465');
  const [at] = await server.listen({ host: '127.0.0.1', ...(secure ? { tls: implicit } : {}) });
  const transport = createTransport({
    host: '127.0.0.1',
    port: at?.port,
    secure,
    requireTLS: !secure,
    auth: 'auth' in how ? how.auth : ann,
    tls: { rejectUnauthorized: false },
  });
  try {
    const sent = await transport.sendMail({
      from: 'ann@example.org',
      to: 'eve@elsewhere.example',
      subject: 'hello',
      text: 'Hello.',
      ...mail,
    });
    return sent.response;
  } finally {
    transport.close();
  }
}
