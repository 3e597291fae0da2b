import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Question, Usage } from './servers/report.ts';

/** A server to be measured: what the table calls it, and how it is started. */
export interface Contestant {
  readonly name: string;
  readonly program: URL;
  readonly args?: readonly string[];
}

/** A server in a process of its own, so that its CPU time and memory are its own too. */
export class Subject implements AsyncDisposable {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Starts a server; resolves when it listens. Rejects when its process ends first. */
  static async start({ name, program, args = [] }: Contestant): Promise<Subject> {
    const child = fork(fileURLToPath(program), args, {
      execArgv: ['--conditions=@maitred/source', '--expose-gc'],
    });
    const { port } = await answerOf<{ port: number }>(child, name);
    return new Subject(child, port);
  }

  /** Asks the process what it has used. */
  ask(question: Question): Promise<Usage> {
    return this.tell(question);
  }

  /** Says something that the process answers with one message. */
  async tell<T>(what: string | number): Promise<T> {
    const answer = answerOf<T>(this.#child, String(what));
    this.#child.send(what);
    return answer;
  }

  /** Ends the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}

/** The next message of a process; rejects when it ends instead. */
async function answerOf<T>(child: ChildProcess, what: string): Promise<T> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([answer]: unknown[]) => answer as T),
      once(child, 'exit', { signal }).then(([code]: unknown[]) => {
        throw new Error(`${what}: the server's process ended (${String(code)})`);
      }),
    ]);
  } finally {
    settled.abort();
  }
}
