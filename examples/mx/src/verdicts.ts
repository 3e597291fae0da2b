import { resultsOf, unlessGone, type Resinfo } from '@maitred/authentication-results';
import { key, type Key, type Message, type Reply, type Server } from '@maitred/core';

/** The table of the message under way: its transaction is over when the client is answered. */
const Table: Key<string, 'connection'> = key('table', 'connection');

/** Prints a table of verdicts for each message that came to its end, refused ones too, and what the client was told. */
export function printing(server: Server, print: (table: string) => void): Server {
  return server
    .on('message', {
      // Outside all others: who refuses is inside.
      order: 'pre',
      handle: async (message, next) => {
        const reply = await next();
        message.set(Table, tableOf(message, await unlessGone(message, resultsOf(message))));
        return reply;
      },
    })
    .on('command', async (ctx, next) => {
      const reply = await next();
      const table = ctx.get(Table);
      ctx.delete(Table);
      if (table !== undefined) print(`${table}\n  ${clean(told(reply))}\n`);
      return reply;
    });
}

const told = ({ code, enhanced, lines }: Reply): string => [code, enhanced, lines.join(' ')].filter(Boolean).join(' ');

/** Who sent what to whom, and a line for each result. Nothing in it is a control character. */
export function tableOf(
  { sender, recipients, remote, helo, content }: Pick<Message, 'sender' | 'recipients' | 'remote' | 'helo' | 'content'>,
  results: readonly Resinfo[],
): string {
  const to = recipients.map(({ path }) => path.mailbox).join(', ');
  const head = `<${sender.mailbox}> → ${to}, ${content.size} octets from ${remote.address} (${helo ?? ''})`;
  const rows = results.map(({ method, result, properties, reason, comment }) => [
    method,
    result,
    reason ?? comment ?? '',
    properties.map(({ ptype, property, value }) => `${ptype}.${property}=${value}`).join(' '),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) => row.map((cell, column) => clean(cell).padEnd(widths[column] ?? 0)).join('  '));
  return [head, ...lines].map((line, at) => `${at === 0 ? '' : '  '}${clean(line)}`.trimEnd()).join('\n');
}

/** A stranger's text, safe for a terminal: escape sequences are made of control characters. */
const clean = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '·').slice(0, 500);
