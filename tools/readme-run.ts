import { Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

/*
 * Runs one program, as `node program.ts` would, but for two things: whatever port it asks for it gets a free one, because
 * its readers' 25 is nobody's here; and it ends with its last statement, because a server would go on.
 */
// oxlint-disable-next-line typescript/unbound-method -- applied below, to whom it is called on
const { listen } = Server.prototype;

Server.prototype.listen = function freely(this: Server, ...given: unknown[]): Server {
  const [first] = given;
  const free = typeof first === 'object' && first !== null && 'port' in first ? { ...first, port: 0 } : first;
  return Reflect.apply(listen, this, [free, ...given.slice(1)]) as Server;
};

await import(pathToFileURL(process.argv[2] ?? '').href);
await nextTurn();
process.exit();
