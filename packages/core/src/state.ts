import type { Content } from './content.ts';
import type { Body, Facts, Peer, Recipient, TlsInfo } from './context.ts';
import { Values } from './key.ts';
import type { Path } from './wire/path.ts';

/** What one HELO or EHLO made true. A new one replaces it whole; nothing in it is changed under a holder. */
export class SessionState {
  readonly remote: Peer;
  readonly local: Peer;
  readonly tls: TlsInfo | undefined;
  values: Values = new Values();
  helo: string | undefined = undefined;
  protocol: 'SMTP' | 'ESMTP' = 'SMTP';
  offered: ReadonlySet<string> = nothing;
  transaction: TransactionState | undefined = undefined;

  constructor(facts: Facts, tls: TlsInfo | undefined) {
    this.remote = facts.remote;
    this.local = facts.local;
    this.tls = tls;
  }

  /** Drops the transaction, if there is one. */
  drop(cause: string): void {
    const { transaction } = this;
    this.transaction = undefined;
    transaction?.body?.abort(cause);
    transaction?.end(cause);
  }

  /** What a new greeting works on: the same proofs, no transaction. */
  fork(): SessionState {
    const fresh = new SessionState(this, this.tls);
    fresh.values = this.values.fork();
    return fresh;
  }
}

const nothing: ReadonlySet<string> = new Set<string>();

/** From MAIL to its end; dropped whole. */
export class TransactionState {
  readonly id: string;
  readonly sender: Path;
  readonly recipients: RecipientState[] = [];
  readonly values: Values = new Values();
  body: (Body & { abort(cause: unknown): void }) | undefined = undefined;
  content: Content | undefined = undefined;
  #over = false;
  #ending: AbortController | undefined = undefined;

  constructor(id: string, sender: Path) {
    this.id = id;
    this.sender = sender;
  }

  /** Aborts when it is over. */
  get ended(): AbortSignal {
    this.#ending ??= new AbortController();
    if (this.#over) this.#ending.abort();
    return this.#ending.signal;
  }

  /** It is over: who still works for it is told. */
  end(cause: string | Error): void {
    this.#over = true;
    this.#ending?.abort(typeof cause === 'string' ? new Error(cause) : cause);
  }
}

/** A forward-path and what plugins noted of it. */
export class RecipientState extends Values implements Recipient {
  readonly path: Path;
  claimedBy: string | undefined = undefined;

  constructor(path: Path) {
    super();
    this.path = path;
  }
}
