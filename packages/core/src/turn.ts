import type { Exchange } from './exchange.ts';

const ready: Exchange[] = [];
const gathered: Exchange[] = [];
let gathering = false;

/**
 * Has a client go on once the sockets of this turn have all been read; then all of them are written to. One after another
 * the same work is done for many, which costs a processor much less than all of it for one after another.
 */
export function takeTurn(client: Exchange): void {
  if (ready.push(client) > 1) return;
  setImmediate(proceed);
  // Behind every promise that is settled by then.
  setImmediate(settle);
}

/** Has a client settle at the end of the turn; false when none is under way, and it has to do so itself. */
export function settleInTurn(client: Exchange): boolean {
  if (gathering) gathered.push(client);
  return gathering;
}

function proceed(): void {
  gathering = true;
  for (const client of ready.splice(0)) client.proceed();
}

function settle(): void {
  gathering = false;
  for (const client of gathered.splice(0)) client.settle();
}
