import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  Clock,
  definePlugin,
  key,
  replies,
  type Awaitable,
  type Key,
  type Plugin,
  type Recipient,
} from '@maitred/core';
import { Delivery } from './delivery.ts';
import { editsFor } from './fields.ts';
import { Folder } from './folder.ts';
import { FolderSync } from './folder-sync.ts';
import { FreeSpace } from './free-space.ts';
import { isMailboxName } from './mailbox-name.ts';
import { storageFull } from './storage-full.ts';

/** Where and for whom mail is kept. */
export interface MaildirOptions {
  /** The Maildir; with `mailboxOf`, the folder that holds them. Made if it is missing (mode 0700). */
  readonly root: string;
  /** Whose mail it keeps, asked once at RCPT, after somebody claimed the recipient. Default: everybody's. */
  readonly recipients?: (recipient: Recipient) => boolean;
  /**
   * Names the recipient's Maildir, a folder of `root`; made with its first message. Asked once at RCPT. A name that could
   * be anything but one folder's is refused with 550 5.1.1, so a local part may be given as it is. Default: all mail goes
   * into the one Maildir at `root`.
   */
  readonly mailboxOf?: (recipient: Recipient) => Awaitable<string>;
  /** Adds `Return-Path:` and drops those received, as a final delivery does (RFC 5321 4.4). Default: true. */
  readonly returnPath?: boolean;
  /** Adds a `Delivered-To:` for each recipient of the mailbox (RFC 9228). Default: false. */
  readonly deliveredTo?: boolean;
  /** Octets that must be free on the disk for MAIL to be accepted; 452 4.3.1 without. Default: 32 MiB. 0: not asked. */
  readonly minimumFree?: number;
  /** The plugin's name, where one server has several. Default: `maildir`. */
  readonly name?: string;
}

/** The mailbox at the root itself: no mailbox has an empty name. */
const atRoot = '';

/**
 * Keeps messages in Maildirs: each is made in `tmp` and synced to the disk, and shown in `new` once every sink of the
 * message is ready. What is in `new` is whole at any moment; what was answered with 250 is there after a power cut.
 */
export function maildir(options: MaildirOptions): Plugin {
  const { recipients, mailboxOf, minimumFree = 32 * 1024 * 1024, name = 'maildir' } = options;
  const root = resolve(options.root);
  const syncs = new FolderSync();
  const Mailbox: Key<string, 'recipient'> = key(`${name}:mailbox`, 'recipient');
  const folderOf = (mailbox: string): Folder => new Folder(join(root, mailbox), syncs);
  let space: FreeSpace | undefined;

  return definePlugin({
    name,
    provides: [Mailbox],
    async setup({ inject }) {
      const clock = inject(Clock);
      if (minimumFree > 0) space = new FreeSpace(root, minimumFree, clock);
      if (mailboxOf) await mkdir(root, { recursive: true, mode: 0o700 });
      else await folderOf(atRoot).create();
      const mailboxes = mailboxOf ? await mailboxesIn(root) : [atRoot];
      for (const mailbox of mailboxes) await folderOf(mailbox).sweep(clock.now());
    },
    stages: {
      async mail(_transaction, next) {
        return (await space?.enough()) === false ? storageFull : next();
      },
      async rcpt(ctx, next) {
        const reply = await next();
        if (reply.code >= 300 || recipients?.(ctx.recipient) === false) return reply;
        const mailbox = mailboxOf ? await mailboxOf(ctx.recipient) : atRoot;
        if (mailboxOf && !isMailboxName(mailbox)) return noMailbox;
        ctx.set(Mailbox, mailbox);
        return reply;
      },
      deliver(message) {
        const copies = [...byMailbox(message.recipients, Mailbox)].map(([mailbox, kept]) => ({
          folder: folderOf(mailbox),
          recipients: kept,
          edits: editsFor(message, kept, options),
        }));
        return copies.length > 0 ? new Delivery(message, copies, options.deliveredTo !== true) : undefined;
      },
    },
  });
}

const noMailbox = Object.freeze(replies.of(550, '5.1.1', 'No such mailbox here'));

function byMailbox(recipients: readonly Recipient[], Mailbox: Key<string, 'recipient'>): Map<string, Recipient[]> {
  const groups = new Map<string, Recipient[]>();
  for (const recipient of recipients) {
    const mailbox = recipient.get(Mailbox);
    if (mailbox === undefined) continue;
    const group = groups.get(mailbox);
    if (group) group.push(recipient);
    else groups.set(mailbox, [recipient]);
  }
  return groups;
}

async function mailboxesIn(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && isMailboxName(entry.name)).map((entry) => entry.name);
}
