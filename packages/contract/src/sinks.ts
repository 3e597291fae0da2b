import { replies, type Message, type Outcome, type Plugin, type Recipient, type Sink } from '@maitred/core';

/** What a sink under test does in each of its phases; what is left out succeeds. */
export interface Acts {
  /** Whose copies it keeps, by mailbox; default: everybody's. */
  readonly mine?: (mailbox: string) => boolean;
  readonly prepare?: (signal: AbortSignal) => Promise<void>;
  readonly commit?: (recipients: readonly Recipient[]) => Promise<readonly Outcome[] | void>;
  readonly rollback?: () => Promise<void>;
}

/** A sink that notes each of its phases, as `name phase`, and then does what it's told. */
export function sink(name: string, noted: string[], acts: Acts = {}): Plugin {
  const { mine = () => true, prepare, commit, rollback } = acts;
  const phases = ({ recipients }: Message): Sink => {
    const its = recipients.filter(({ path }) => mine(path.mailbox));
    return {
      recipients: its,
      prepare: async (signal) => {
        noted.push(`${name} prepare`);
        await prepare?.(signal);
      },
      commit: async () => {
        noted.push(`${name} commit`);
        return commit?.(its);
      },
      rollback: async () => {
        noted.push(`${name} rollback`);
        await rollback?.();
      },
    };
  };
  return { name, stages: { deliver: phases } };
}

/** The same outcome for all. */
export function allSay(code: 250 | 450 | 452 | 550): NonNullable<Acts['commit']> {
  return async (recipients) =>
    recipients.map((recipient) => ({ recipient, reply: replies.of(code, undefined, `${code} by the sink`) }));
}

/** A phase that fails, for a reason that must not get out. */
export async function fails(): Promise<never> {
  throw new Error('secret of the disk');
}

/** A phase that never ends, whatever its signal says. */
export function hangs(): Promise<never> {
  return new Promise(() => {});
}
