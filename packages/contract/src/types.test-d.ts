import {
  createServer,
  definePlugin,
  Identity,
  Internationalized,
  key,
  on,
  parameter,
  replies,
  service,
  stage,
  token,
  type Connection,
  type CoreStages,
  type Key,
  type Message,
  type Middleware,
  type Parameter,
  type Plugin,
  type Recipient,
  type RecipientContext,
  type Reply,
  type Session,
  type Sink,
  type Stage,
  type Tap,
  type Token,
  type Transaction,
  type Verb,
} from '@maitred/core';
import { describe, expectTypeOf, it } from 'vitest';

interface Spf {
  readonly result: 'pass' | 'fail';
}

const OfConnection: Key<string, 'connection'> = key('test:connection', 'connection');
const OfTransaction: Key<Spf, 'transaction'> = key('test:transaction', 'transaction');
const OfRecipient: Key<'NEVER' | 'FAILURE', 'recipient'> = key('test:recipient', 'recipient');

declare const connection: Connection;
declare const session: Session;
declare const transaction: Transaction;
declare const rcpt: RecipientContext;
declare const message: Message;
declare const recipient: Recipient;
declare const verb: Verb;
declare function layer<C>(middleware: Middleware<C>): void;

const parse = (): Spf => ({ result: 'pass' });

describe('a key', () => {
  it('is read where it lives, and gives its type', () => {
    expectTypeOf(connection.get(OfConnection)).toEqualTypeOf<string | undefined>();
    expectTypeOf(session.get(Identity)?.id).toEqualTypeOf<string | undefined>();
    expectTypeOf(transaction.need(OfTransaction)).toEqualTypeOf<Spf>();
    expectTypeOf(rcpt.get(OfRecipient)).toEqualTypeOf<'NEVER' | 'FAILURE' | undefined>();
    expectTypeOf(rcpt.get(OfTransaction)).toEqualTypeOf<Spf | undefined>();
    expectTypeOf(recipient.get(OfRecipient)).toEqualTypeOf<'NEVER' | 'FAILURE' | undefined>();
    expectTypeOf(message.get(Internationalized)).toEqualTypeOf<boolean | undefined>();
  });

  it('is not read before it lives', () => {
    // @ts-expect-error a transaction's, in connect
    connection.get(OfTransaction);
    // @ts-expect-error a transaction's, in helo
    session.need(OfTransaction);
    // @ts-expect-error a recipient's, in mail
    transaction.get(OfRecipient);
    // @ts-expect-error a recipient's, of a message: of which recipient?
    message.get(OfRecipient);
    // @ts-expect-error a transaction's, of a recipient
    recipient.get(OfTransaction);
    // @ts-expect-error a transaction's, in a verb that may run outside of one
    verb.get(OfTransaction);
    // @ts-expect-error to be set, alike
    connection.set(OfTransaction, { result: 'pass' });
    // @ts-expect-error to be deleted, alike
    message.delete(OfRecipient);
  });

  it('takes its own values alone', () => {
    transaction.set(OfTransaction, { result: 'pass' });
    // @ts-expect-error another value
    transaction.set(OfTransaction, { result: 'maybe' });
    // @ts-expect-error nothing
    transaction.set(OfTransaction, undefined);
    // @ts-expect-error another type
    rcpt.set(OfRecipient, true);
    // @ts-expect-error a lifetime that is none
    key('test:for ever', 'server');
    // @ts-expect-error another lifetime
    const wrong: Key<string, 'session'> = key<string>('test:wrong', 'connection');
    expectTypeOf(wrong).not.toBeAny();
  });
});

describe('a context', () => {
  it('has what is true in its stage, to read', () => {
    // @ts-expect-error no sender yet
    void connection.sender;
    // @ts-expect-error no greeting yet
    void connection.helo;
    // @ts-expect-error no content yet
    void transaction.content;
    // @ts-expect-error only in the body stage
    void transaction.refuse;
    // @ts-expect-error read only
    connection.remote = { address: '192.0.2.1', port: 25 };
    // @ts-expect-error read only
    session.helo = 'x';
    // @ts-expect-error read only
    transaction.recipients.push(recipient);
    // @ts-expect-error a client that said nothing has no transaction
    void connection.transaction;
    expectTypeOf(session.transaction).toEqualTypeOf<Transaction | undefined>();
  });
});

describe('a middleware', () => {
  it('returns a reply', () => {
    layer<Connection>(async (_, next) => next());
    layer<Connection>(() => replies.ok);
    // @ts-expect-error forgot `return next()`
    layer<Connection>(async (_, next) => {
      await next();
    });
    // @ts-expect-error undefined is no reply
    layer<CoreStages['message']>(async () => undefined);
    // @ts-expect-error nor is a text
    layer<CoreStages['rcpt']>(async () => '250 OK');
    // @ts-expect-error nor a reply that may be missing
    layer<CoreStages['mail']>(async (ctx, next) => (ctx.sender.null ? next() : undefined));
    // @ts-expect-error next takes nothing
    layer<Connection>(async (ctx, next) => next(ctx));
  });

  it('is checked where it is hooked', () => {
    const server = createServer({ hostname: 'mx.example' });
    server.on('connect', async (ctx, next) => {
      // @ts-expect-error a transaction's key
      ctx.get(OfTransaction);
      return next();
    });
    server.on('rcpt', async (ctx, next) => {
      expectTypeOf(ctx.recipient.path.mailbox).toBeString();
      return next();
    });
    // @ts-expect-error no such stage
    server.on('banner', async (_: unknown, next: () => Promise<Reply>) => next());
    // @ts-expect-error forgot `return next()`
    server.on('mail', async (_, next) => {
      await next();
    });
    definePlugin({
      name: 'x',
      // @ts-expect-error forgot `return next()`
      stages: { message: { order: 'pre', handle: async (_, next) => void (await next()) } },
    });
    // @ts-expect-error no such order
    definePlugin({ name: 'x', stages: { message: { order: 'first', handle: async (_, next) => next() } } });
  });
});

describe('a parameter', () => {
  it('parses to what its key holds, or to a reply', () => {
    expectTypeOf(parameter({ key: OfTransaction, parse })).toEqualTypeOf<Parameter<Spf, 'transaction'>>();
    parameter({ key: OfTransaction, parse: (value) => (value === undefined ? replies.badSyntax : parse()) });
    // @ts-expect-error another value
    parameter({ key: OfTransaction, parse: () => 'pass' });
    // @ts-expect-error nothing
    parameter({ key: OfTransaction, parse: () => undefined });
    // @ts-expect-error a session's key
    parameter({ key: Identity, parse: () => ({ id: 'x', by: 'x' }) });
  });

  it('of MAIL lives with the transaction, of RCPT with the recipient', () => {
    const ofMail = parameter({ key: OfTransaction, parse });
    const ofRcpt = parameter({ key: OfRecipient, parse: () => 'NEVER' as const });
    definePlugin({ name: 'x', parameters: { MAIL: { X: ofMail }, RCPT: { X: ofRcpt } } });
    // @ts-expect-error of which recipient?
    definePlugin({ name: 'x', parameters: { MAIL: { X: ofRcpt } } });
    // @ts-expect-error the last recipient's would be everybody's
    definePlugin({ name: 'x', parameters: { RCPT: { X: ofMail } } });
    // @ts-expect-error no other verb has parameters
    definePlugin({ name: 'x', parameters: { DATA: { X: ofMail } } });
  });
});

describe('a declared stage', () => {
  interface Facts extends Session {
    readonly claimed: string;
  }
  const Declared: Stage<Facts> = stage('declared', () => replies.ok);

  it('shows its facts to its hooks, and wants them all', () => {
    on(Declared, async (ctx, next) => {
      expectTypeOf(ctx.claimed).toBeString();
      return next();
    });
    void verb.run(Declared, { claimed: 'x' });
    // @ts-expect-error a fact is missing
    void verb.run(Declared, {});
    // @ts-expect-error a fact of another type
    void verb.run(Declared, { claimed: 1 });
    // @ts-expect-error forgot `return next()`
    on(Declared, async (_, next) => void (await next()));
    // @ts-expect-error another context
    on(Declared, async (ctx: Message, next) => next());
  });
});

const factory = (): Plugin => definePlugin({ name: 'x' });

describe('what else a plugin brings', () => {
  it('is checked', () => {
    const Count: Token<number> = token('count');
    service({ token: Count, create: () => 1 });
    // @ts-expect-error another value
    service({ token: Count, create: () => 'one' });
    // @ts-expect-error another value
    createServer({ hostname: 'mx.example' }).override(Count, 'one');
    expectTypeOf(connection.inject(Count)).toBeNumber();
    // @ts-expect-error a claim that answers true is the server's short form
    definePlugin({ name: 'x', accepts: { who: 'x', claim: async () => true } });
    // @ts-expect-error a tap has to take the octets
    const tap: Tap = { end() {} };
    // @ts-expect-error a sink has to commit
    const sink: Sink = { recipients: [] };
    // @ts-expect-error a verb has to answer
    definePlugin({ name: 'x', verbs: { X: { handle: async () => {} } } });
    // @ts-expect-error nobody waits for an extension
    definePlugin({ name: 'x', extensions: { X: { when: async () => true } } });
    // @ts-expect-error nobody waits for format
    definePlugin({ name: 'x', format: async (reply) => reply });
    createServer({ hostname: 'mx.example' }).use(factory(), [factory()], false);
    // @ts-expect-error a factory that nobody called
    createServer({ hostname: 'mx.example' }).use(factory);
    // @ts-expect-error a name is what logs know it by
    definePlugin({ stages: {} });
    expectTypeOf([tap, sink]).toBeArray();
  });
});
