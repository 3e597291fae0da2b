import { chain } from './awaitable.ts';
import { concerned, runOnion, type Layer } from './compose.ts';
import type { Command } from './context.ts';
import type { Conversation } from './conversation.ts';
import { Fault } from './errors.ts';
import { atOnce, failure } from './failure.ts';
import { channels, traced } from './observe.ts';
import type { VerbSpec } from './plugin.ts';
import type { Owned } from './registry.ts';
import { closes, replies } from './replies.ts';
import { core, Scope, type Owner } from './scope.ts';
import { isPending, type Awaitable } from './stages.ts';
import { Work } from './verb.ts';
import { looksForeign, parseCommand } from './wire/command.ts';
import type { LineFault } from './wire/input.ts';
import type { Reply } from './wire/reply.ts';

/** One command line, read: what it asks for and who answers. */
export interface Reading {
  readonly command: Command;
  readonly args: string;
  readonly spec: Owned<VerbSpec> | undefined;
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

/** Reads a line as a command; `tooLong` is how it began where it is a fault that doesn't hold it. */
export function read(c: Conversation, line: Buffer | LineFault, ahead: Command['ahead'], tooLong?: Buffer): Reading {
  const unread = (fault: Reply, start = line): Reading => {
    const given = framed(c, start) ? replies.closing(fault) : fault;
    return { command: { verb: '', args: '', known: false, ahead }, args: '', spec: undefined, fault: given };
  };
  if (typeof line === 'string') return unread(faults[line], tooLong);
  const parsed = parseCommand(line);
  if (parsed === 'syntax') return unread(looksForeign(line) ? foreign : replies.badCommand);
  const { verb, args } = parsed;
  const spec = c.house.registry.verbs.get(verb);
  const command = { verb, args: spec?.it.secret ? '' : args, known: spec !== undefined, ahead };
  const overLimit = line.length + 2 > c.house.registry.lineLimit(verb);
  // Unknown words may be another protocol, whose request must not get to deliver mail.
  const fault = overLimit ? faults['too-long'] : !spec && looksForeign(line) ? foreign : undefined;
  return { command, args, spec, fault };
}

/** Whether content may follow a line that can't be read: nobody knows where it ends, and it must not become commands. */
function framed(c: Conversation, line: Buffer | LineFault): boolean {
  const [word = ''] = /^[A-Za-z0-9-]*/.exec(typeof line === 'string' ? '' : line.toString('latin1')) ?? [];
  return c.house.registry.verbs.get(word.toUpperCase())?.it.owes !== undefined;
}

/** What a command came to. */
export interface Dispatched {
  readonly reply: Reply;
  readonly work: Work;
}

/** Runs the ring around a command's handler, settles what the command owes, and gives the reply that stands. */
export function dispatch(c: Conversation, reading: Reading): Awaitable<Dispatched> {
  const { command, args, spec } = reading;
  const scope = new Scope(c, 'verb', { command });
  const owner = spec?.owner ?? core;
  const { owes, fault } = debt(c, reading, owner);
  const work = new Work(scope, owner, c, args, owes === 'close' ? undefined : owes);
  const innermost = (): Awaitable<Reply> =>
    fault ?? runOnion(scope, [], () => handle(c, reading, work), undefined, owner);
  scope.owner = owner;
  const all = c.house.registry.stages.command;
  const around = all.length > 0 ? new Scope(c, 'command', { command }) : undefined;
  const ring = around ? concerned(around, all) : all;
  const ringless = ring.length === 0 && !channels.command.hasSubscribers;
  return chain(ringless ? innermost() : ringed(c, command, scope, ring, innermost), (given) => {
    const closed = work.close(given);
    const reply = owes === 'close' ? replies.closing(closed) : closed;
    if (!work.indebted || closes(reply)) return { reply, work };
    return work.settle().then(() => ({ reply, work }));
  });
}

async function ringed(
  c: Conversation,
  command: Command,
  scope: Scope,
  ring: readonly Layer[],
  innermost: () => Awaitable<Reply>,
): Promise<Reply> {
  let handling: Awaitable<Reply> | undefined;
  const handled = (): Awaitable<Reply> => (handling = innermost());
  const about = (): object => ({ id: c.id, verb: command.verb, args: command.args });
  const reply = await traced(channels.command, about, () =>
    ring.length > 0 ? runOnion(new Scope(c, 'command', { command }), ring, handled) : handled(),
  );
  if (handling !== undefined && isPending(handling)) {
    // A ring that answers without waiting for next() leaves a handler at work on the wire: first it ends.
    if (scope.running) scope.expire(new Error('a ring answered before the handler did'));
    await handling;
  }
  return reply;
}

/** What follows the line, also one that is at fault; a plugin that can't say leaves nobody who knows. */
function debt(
  c: Conversation,
  { command, args, spec, fault }: Reading,
  owner: Owner,
): { readonly owes: number | 'close' | undefined; readonly fault: Reply | undefined } {
  if (!spec?.it.owes) return { owes: undefined, fault };
  try {
    const owes = atOnce(spec.it.owes(args), owner, 'owes');
    if (owes !== 'close' && !(Number.isSafeInteger(owes) && owes >= 0)) throw new Fault('BAD_DEBT', [command.verb]);
    return { owes, fault };
  } catch (error) {
    return { owes: 'close', fault: failure(c, error, owner, 'owes') };
  }
}

function handle(c: Conversation, { command, spec }: Reading, work: Work): Awaitable<Reply> {
  if (c.turnedAway && command.verb !== 'QUIT') return greetedNo;
  if (!spec) return c.house.catalogue.unknownVerb(command);
  const { it } = spec;
  const refused = (): Reply | undefined => it.when?.(work);
  // A verb that is not offered is unknown, unless it has a word for the state that is why: 503 to a second AUTH or STARTTLS.
  const offered = it.extension === undefined || c.session.offered.has(it.extension.toUpperCase());
  if (!offered) return refused() ?? c.house.catalogue.unknownVerb(command);
  // Looked at before it runs: input already pending is read in the meaning that octets had before (RFC 3207 4.1).
  if (it.endsGroup && c.pending > 0 && c.house.talkingAhead === 'refuse') return pendingInput;
  return refused() ?? it.handle(work);
}

/** Whether a command line may begin so: verbs begin with a letter, an empty line with its CR. */
export function mayBegin(octet: number): boolean {
  const letter = octet | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || octet === 0x0d;
}
