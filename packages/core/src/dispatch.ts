import { concerned, runOnion, type Layer } from './compose.ts';
import type { Command } from './context.ts';
import type { Connection } from './connection.ts';
import { Fault } from './errors.ts';
import { atOnce, failure } from './failure.ts';
import { channels, traced } from './observe.ts';
import type { VerbSpec } from './plugin.ts';
import type { Owned } from './registry.ts';
import { replies } from './replies.ts';
import { core, Scope } from './scope.ts';
import { isPending, type Awaitable } from './awaitable.ts';
import { Work } from './verb.ts';
import { looksForeign, parseCommand } from './wire/command.ts';
import type { LineFault } from './wire/input.ts';
import type { Reply } from './wire/reply.ts';

/** One command line, read: what it asks for and who answers. */
export interface Reading {
  readonly command: Command;
  readonly args: string;
  readonly spec: Owned<VerbSpec> | undefined;
  /** The octets that follow the line, also one that is at fault, unless nobody knows them. */
  readonly owes: number | 'close' | undefined;
  /** The reply, where the line itself is at fault. */
  readonly fault: Reply | undefined;
}

const faults: Record<LineFault, Reply> = {
  'too-long': replies.of(500, '5.5.2', 'Line too long'),
  // Where this line ends is in doubt, and so is whether the rest is a command: nothing of it is executed.
  'bare-lf': replies.closing(replies.of(500, '5.5.2', 'Lines end with CR LF')),
};
const foreign = replies.closing(replies.of(554, '5.5.2', 'This is an SMTP server'));
const pendingInput = replies.closing(replies.of(554, '5.5.0', 'Wait for the reply before you go on'));
const greetedNo = replies.of(503, '5.5.1', 'Not here: only QUIT');

/** Reads a line as a command. */
export function read(c: Connection, line: Buffer | LineFault, ahead: Command['ahead']): Reading {
  if (typeof line === 'string') return unreadable(c, c.exchange.input.tooLong, ahead, faults[line]);
  const parsed = parseCommand(line);
  if (parsed === 'syntax') return unreadable(c, line, ahead, looksForeign(line) ? foreign : replies.badCommand);
  const { verb, args } = parsed;
  const spec = c.house.registry.verbs.get(verb);
  const command = { verb, args: spec?.it.secret ? '' : args, known: spec !== undefined, ahead };
  const overLimit = line.length + 2 > c.house.registry.lineLimit(verb);
  // Unknown words may be another protocol, whose request must not get to deliver mail.
  const fault = overLimit ? faults['too-long'] : !spec && looksForeign(line) ? foreign : undefined;
  try {
    return { command, args, spec, owes: owed(verb, args, spec), fault };
  } catch (error) {
    // A plugin that can't say what follows leaves nobody who knows.
    return { command, args, spec, owes: 'close', fault: failure(c, error, spec?.owner ?? core, 'owes') };
  }
}

/** The octets that follow a line, as its verb's plugin says. */
function owed(verb: string, args: string, spec: Owned<VerbSpec> | undefined): Reading['owes'] {
  if (!spec?.it.owes) return undefined;
  const owes = atOnce(spec.it.owes(args), spec.owner, 'owes');
  if (owes === 'close' || (Number.isSafeInteger(owes) && owes >= 0)) return owes;
  throw new Fault('BAD_DEBT', [verb]);
}

/** A line that can't be read, by how it began. */
function unreadable(c: Connection, start: Buffer | undefined, ahead: Command['ahead'], fault: Reply): Reading {
  const command = { verb: '', args: '', known: false, ahead };
  const [word = ''] = /^[A-Za-z0-9-]*/.exec(start?.toString('latin1') ?? '') ?? [];
  // Content may follow: nobody knows where it ends, and it must not become commands.
  const framed = c.house.registry.verbs.get(word.toUpperCase())?.it.owes !== undefined;
  return { command, args: '', spec: undefined, owes: undefined, fault: framed ? replies.closing(fault) : fault };
}

/** Runs the ring around a command's handler, settles what the command owes: `reply` of its work is what stands. */
export function dispatch(c: Connection, reading: Reading): Awaitable<Work> {
  const scope = new Scope(c, 'verb', { command: reading.command });
  const work = new Work(scope, reading);
  const ring = concerned(scope, c.house.registry.stages.command);
  const bare = ring.length === 0 && !channels.command.hasSubscribers;
  const given = bare ? innermost(scope, work) : ringed(scope, ring, work);
  return isPending(given) ? given.then((reply) => work.close(reply)) : work.close(given);
}

/** What the handler answers, or what keeps it from being asked. */
function innermost(scope: Scope, work: Work): Awaitable<Reply> {
  const { fault } = work.reading;
  return fault ?? runOnion(scope, [], () => handle(scope.client, work), undefined, work.owner);
}

async function ringed(scope: Scope, ring: readonly Layer[], work: Work): Promise<Reply> {
  const { client } = scope;
  const { command } = work.reading;
  let handling: Awaitable<Reply> | undefined;
  const handled = (): Awaitable<Reply> => (handling = innermost(scope, work));
  const around = (): Awaitable<Reply> =>
    ring.length > 0 ? runOnion(new Scope(client, 'command', { command }), ring, handled) : handled();
  const about = { id: client.id, verb: command.verb, args: command.args };
  const reply = await (channels.command.hasSubscribers ? traced(channels.command, about, around) : around());
  if (handling !== undefined && isPending(handling)) {
    // A ring that answers without waiting for next() leaves a handler at work on the wire: first it ends.
    if (scope.running) scope.expire(new Error('a ring answered before the handler did'));
    await handling;
  }
  return reply;
}

function handle(c: Connection, work: Work): Awaitable<Reply> {
  const { command, spec } = work.reading;
  if (c.turnedAway && command.verb !== 'QUIT') return greetedNo;
  if (!spec) return c.house.catalogue.unknownVerb(command);
  const { it } = spec;
  // A verb that is not offered is unknown, unless it has a word for the state that is why: 503 to a second AUTH or STARTTLS.
  const offered = it.extension === undefined || c.session.offered.has(it.extension.toUpperCase());
  if (!offered) return it.when?.(work) ?? c.house.catalogue.unknownVerb(command);
  // Looked at before it runs: input already pending is read in the meaning that octets had before (RFC 3207 4.1).
  if (it.endsGroup && c.exchange.input.pending > 0 && c.house.talkingAhead === 'refuse') return pendingInput;
  return it.when?.(work) ?? it.handle(work);
}

/** Whether a command line may begin so: verbs begin with a letter, an empty line with its CR. */
export function mayBegin(octet: number): boolean {
  const letter = octet | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || octet === 0x0d;
}
