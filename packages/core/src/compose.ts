import type { Connection } from './connection.ts';
import { failure } from './failure.ts';
import { Fault } from './errors.ts';
import { isReply } from './replies.ts';
import { asItIs, core, Scope, type Owner, type Subject } from './scope.ts';
import { isPending, type Awaitable } from './awaitable.ts';
import type { CoreStages, Middleware } from './stages.ts';
import { channels, traced } from './observe.ts';
import { View } from './view.ts';
import type { Reply } from './wire/reply.ts';

/** One middleware and on whose behalf it runs. */
export interface Layer {
  readonly owner: Owner;
  readonly when?: ((ctx: never) => boolean) | undefined;
  readonly handle: Middleware<never>;
}

/** The layers that a run concerns. One that can't say so is in it, and fails there. */
export function concerned(scope: Scope, layers: readonly Layer[], facts?: object): readonly Layer[] {
  for (const { when } of layers) if (when) return layers.flatMap((layer) => ifConcerned(scope, layer, facts));
  return layers;
}

const none: readonly Layer[] = [];

function ifConcerned(scope: Scope, layer: Layer, facts: object | undefined): Layer | readonly Layer[] {
  const { owner, when } = layer;
  if (!when) return layer;
  try {
    return when(overlaid(new View(scope, owner), facts) as never) ? layer : none;
  } catch (error) {
    return { owner, handle: () => Promise.reject(error) };
  }
}

/** Runs a stage of core's: the onion of the layers that are concerned. One that nobody hooks is skipped where it can be. */
export function runStage(
  c: Connection,
  stage: keyof CoreStages,
  subject: Subject,
  innermost: Reply | ((scope: Scope) => Awaitable<Reply>),
): Awaitable<Reply> {
  const layers = c.house.registry.stages[stage];
  if (layers.length === 0 && typeof innermost !== 'function') return innermost;
  const scope = new Scope(c, stage, subject);
  return runOnion(scope, concerned(scope, layers), () =>
    typeof innermost === 'function' ? innermost(scope) : innermost,
  );
}

/**
 * Runs the onion: each layer is handed a view of its own and `next`. A thrown `SmtpError` is its reply at the layer that
 * threw; anything else thrown, and an answer that is no reply, is 451 there. Never rejects; settles by the deadline.
 * `facts` of a declared stage are laid over each view; `owner` is on whose behalf `innermost` runs.
 */
export function runOnion(
  scope: Scope,
  layers: readonly Layer[],
  innermost: () => Awaitable<Reply>,
  facts?: object,
  owner: Owner = core,
): Awaitable<Reply> {
  if (!channels.stage.hasSubscribers) return run(scope, layers, innermost, facts, owner);
  const about = { id: scope.subject.transaction?.id ?? scope.client.id, stage: scope.stage };
  return traced(channels.stage, about, () => run(scope, layers, innermost, facts, owner));
}

function run(
  scope: Scope,
  layers: readonly Layer[],
  innermost: () => Awaitable<Reply>,
  facts: object | undefined,
  owner: Owner,
): Awaitable<Reply> {
  if (layers.length === 0) {
    scope.owner = owner;
    return scope.run(innermost, (reply) => answered(reply, owner, scope), asItIs);
  }
  const enter = async (index: number): Promise<Reply> => {
    const layer = layers[index];
    const outer = scope.owner;
    const its = (scope.owner = layer?.owner ?? owner);
    let calls = 0;
    const next = (): Promise<Reply> => {
      calls += 1;
      if (calls === 1 && scope.running) return enter(index + 1);
      const code = calls === 1 ? 'TOO_LATE' : 'NEXT_TWICE';
      const never = Promise.reject(new Fault(code, [its.name, scope.stage]));
      never.catch(() => {}); // a caller that doesn't await it must not bring the process down
      return never;
    };
    try {
      const given = layer ? layer.handle(overlaid(new View(scope, its), facts) as never, next) : innermost();
      const reply = isPending(given) ? await given : given;
      if (calls > 1) throw new Fault('NEXT_TWICE', [its.name, scope.stage]);
      return answered(reply, its, scope);
    } catch (error) {
      // Who comes back after its time was over was named then.
      if (!scope.running && scope.overdue) return scope.client.house.catalogue.unavailable();
      return failure(scope.client, error, its, scope.stage);
    } finally {
      scope.owner = outer;
    }
  };
  return scope.run(() => enter(0), asItIs, asItIs);
}

/** A view with a declared stage's facts laid over it, whatever the names they have in other stages. */
export function overlaid(view: View, facts: object | undefined): View {
  return facts ? Object.defineProperties(view, Object.getOwnPropertyDescriptors(facts)) : view;
}

function answered(reply: Reply, owner: Owner, scope: Scope): Reply {
  if (!isReply(reply)) throw new Fault('NO_REPLY', [owner.name, scope.stage]);
  return reply;
}
