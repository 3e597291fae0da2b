import { key, replies, type Key, type Plugin, type Recipient, type Transaction, type Verb } from '@maitred/core';

const OfConnection: Key<string, 'connection'> = key('state:connection', 'connection');
const OfSession: Key<string, 'session'> = key('state:session', 'session');
const OfTransaction: Key<string, 'transaction'> = key('state:transaction', 'transaction');
const OfRecipient: Key<string, 'recipient'> = key('state:recipient', 'recipient');

/** STATE tells what is true of a session: its greeting, transaction and recipients, each with a key of its lifetime. */
export function state(): Plugin {
  return {
    name: 'state',
    provides: [OfConnection, OfSession, OfTransaction, OfRecipient],
    stages: {
      connect: async (ctx, next) => {
        ctx.set(OfConnection, ctx.get(OfConnection) ?? 'c');
        return next();
      },
      helo: async (ctx, next) => {
        ctx.set(OfSession, 's');
        return next();
      },
      mail: async (ctx, next) => {
        ctx.set(OfTransaction, 't');
        return next();
      },
      rcpt: async (ctx, next) => {
        ctx.set(OfRecipient, 'r');
        return next();
      },
    },
    verbs: { STATE: { handle: async (verb) => replies.of(250, undefined, told(verb)) } },
  };
}

function told(verb: Verb): string {
  const session = [verb.helo ?? 'nobody', verb.get(OfConnection), verb.get(OfSession)];
  return [session.join(''), verb.transaction ? mail(verb.transaction) : 'none'].join(' ');
}

function mail(transaction: Transaction): string {
  const { sender, recipients, body } = transaction;
  const to = recipients.map((each: Recipient) => `${each.path.local}${each.get(OfRecipient)}`);
  return [`${sender.local}${transaction.get(OfTransaction)}`, ...to, ...(body ? [body.kind] : [])].join(' ');
}
