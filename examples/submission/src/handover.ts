import { Readable } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import SMTPConnection, { type SMTPConnectionSendInfo, type SMTPEnvelope } from 'nodemailer/lib/smtp-connection';

/** The server that takes all mail. */
export interface Smarthost {
  readonly host: string;
  readonly port: number;
  /** TLS from the first octet. Otherwise STARTTLS: always with `auth`, without where it is offered. */
  readonly secure?: boolean;
  readonly auth?: { readonly user: string; readonly pass: string };
  readonly tls?: ConnectionOptions;
  /** Names us in EHLO. */
  readonly name?: string;
}

/** How long the smarthost may take: less than our own client waits (RFC 5321 4.5.3.2). */
const timeouts = { connectionTimeout: 20_000, greetingTimeout: 20_000, socketTimeout: 100_000 };

/**
 * One transaction with the smarthost, in two steps: `ready` once everything but the final dot was sent, `finish` sends
 * that. What isn't finished was never sent.
 */
export class Handover {
  readonly #connection: SMTPConnection;
  readonly #content: Readable;
  readonly #sent: Promise<SMTPConnectionSendInfo>;
  readonly #whole = signal();
  readonly #go = signal();

  constructor({ auth, ...next }: Smarthost, envelope: SMTPEnvelope, content: Readable) {
    this.#connection = new SMTPConnection({ ...timeouts, requireTLS: auth !== undefined, ...next });
    this.#content = content;
    // The connection reads this only once the smarthost has answered DATA with 354.
    this.#sent = this.#send(auth, envelope, Readable.from(this.#withheld(), { objectMode: false }));
    // Whoever waits for it hears of a failure; it may come before anybody does.
    this.#sent.catch(() => this.abandon());
  }

  /** Rejects when the smarthost is not there, or refuses: the sender, all recipients, or the content on its way. */
  async ready(): Promise<void> {
    await Promise.race([this.#whole.given, this.#sent]);
  }

  /** What the smarthost said to the final dot, and to each recipient. Rejects when it isn't a 2xx. */
  async finish(): Promise<SMTPConnectionSendInfo> {
    this.#go.give();
    const info = await this.#sent;
    this.#connection.quit();
    return info;
  }

  /** Hangs up: without its final dot the smarthost forgets it. */
  abandon(): void {
    this.#connection.close();
    this.#content.destroy();
  }

  #send(auth: Smarthost['auth'], envelope: SMTPEnvelope, content: Readable): Promise<SMTPConnectionSendInfo> {
    const connection = this.#connection;
    return new Promise((resolve, reject) => {
      const submit = (): void =>
        connection.send(envelope, content, (error, info) => (error ? reject(error) : resolve(info)));
      connection.on('error', reject);
      connection.on('end', () => reject(new Error('the smarthost hung up')));
      connection.connect((error) => {
        if (error) reject(error);
        else if (auth) connection.login({ ...auth }, (refused) => (refused ? reject(refused) : submit()));
        else submit();
      });
    });
  }

  async *#withheld(): AsyncGenerator<Buffer> {
    for await (const chunk of this.#content) yield chunk as Buffer;
    this.#whole.give();
    await this.#go.given;
  }
}

/** Something that is waited for, and given once. */
function signal(): { readonly given: Promise<void>; readonly give: () => void } {
  let give: (() => void) | undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give: () => give?.() };
}
