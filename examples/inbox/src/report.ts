import { definePlugin, key, type Key, type Message, type Plugin } from '@maitred/core';
import { decodeWords } from 'postal-mime';

/** What will be printed of the message under way, should it be kept. */
const Line: Key<string, 'connection'> = key('report:line', 'connection');

/** Prints one line of each message, once it's kept: a verdict before that could still be turned by a sink. */
export function report(print: (line: string) => void): Plugin {
  return definePlugin({
    name: 'report',
    provides: [Line],
    stages: {
      message: async (message, next) => {
        message.set(Line, await lineOf(message));
        return next();
      },
      command: async (ctx, next) => {
        const reply = await next();
        const line = ctx.get(Line);
        if (line !== undefined && reply.code === 250) print(line);
        ctx.delete(Line);
        return reply;
      },
    },
  });
}

/** When, from whom, for whom, how large, what about. Nothing in it is a control character. */
async function lineOf({ sender, recipients, content }: Message): Promise<string> {
  const fields = await content.header.fields();
  const subject = fields.find(({ name }) => name.toLowerCase() === 'subject')?.value ?? '(no subject)';
  const to = recipients.map(({ path }) => path.mailbox).join(', ');
  const time = new Date().toISOString().slice(11, 19);
  return clean(`${time}  <${sender.mailbox}> → ${to}  ${size(content.size)}  ${decodeWords(subject)}`);
}

/** A stranger's text, safe for a terminal: escape sequences are made of control characters. */
function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '·').slice(0, 500);
}

function size(octets: number): string {
  if (octets < 1024) return `${octets} B`;
  return octets < 1024 ** 2 ? `${(octets / 1024).toFixed(1)} KiB` : `${(octets / 1024 ** 2).toFixed(1)} MiB`;
}
