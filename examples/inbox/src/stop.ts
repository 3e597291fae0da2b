import type { Server } from '@maitred/core';

/** Milliseconds that clients have to finish, and those after which we say that we wait for them. */
const grace = 5000;
const patience = 300;

/**
 * On SIGINT or SIGTERM closes the server and exits; clients under way have the grace. Who is told of that and sends a
 * signal again ends them. Either way no temporary file stays.
 */
export function stopOnSignals(server: Server, print: (line: string) => void): void {
  let stopping = false;
  let told = false;
  const tell = (): void => {
    told = true;
    print(`Waiting up to ${grace / 1000} s for the clients; Ctrl-C again ends them`);
  };
  const stop = (): void => {
    // One Ctrl-C can come twice: from the terminal, and from the npm or pnpm that started us.
    if (stopping && !told) return;
    void server.close({ deadline: told ? 0 : grace }).then(() => process.exit(0));
    if (!stopping) setTimeout(tell, patience);
    stopping = true;
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
}
