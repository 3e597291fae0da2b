import { buffer } from 'node:stream/consumers';
import PostalMime from 'postal-mime';
import type { Notification } from '../src/index.ts';

/** A part as a reader of mail sees it: its transfer encoding undone, LF at its lines' ends, none at the end. */
export interface ParsedPart {
  readonly type: string;
  readonly content: string;
}

/** A notification as postal-mime reads it. */
export interface Parsed {
  /** Names in lower case, values unfolded; in order. */
  readonly headers: readonly { readonly key: string; readonly value: string }[];
  readonly subject: string | undefined;
  readonly text: string;
  readonly type: string | undefined;
  /** Groups of fields: the message's, then each recipient's. */
  readonly status: readonly (readonly string[])[];
  readonly returned: ParsedPart | undefined;
  readonly parts: number;
  /** As it is sent. */
  readonly octets: Buffer;
}

export async function parsed(notification: Notification | undefined): Promise<Parsed> {
  if (!notification) throw new Error('there is no notification');
  const octets = await buffer(notification.stream());
  const email = await PostalMime.parse(octets, { forceRfc822Attachments: true, attachmentEncoding: 'arraybuffer' });
  const parts = email.attachments.map(({ mimeType, content }) => ({
    type: mimeType,
    content: Buffer.from(content as ArrayBuffer)
      .toString()
      .replaceAll('\r\n', '\n')
      .trimEnd(),
  }));
  const [status, returned] = parts;
  const groups = (status?.content ?? '').split('\n\n');
  return {
    headers: email.headers.map(({ key, value }) => ({ key, value })),
    subject: email.subject,
    text: (email.text ?? '').trimEnd(),
    type: status?.type,
    status: groups.map((group) => group.split(/\n(?! )/)),
    returned,
    parts: parts.length + 1,
    octets,
  };
}
