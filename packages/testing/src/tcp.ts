import type { Peer } from '@maitred/core';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A socket that is connected. */
export async function connectTo({ address, port }: Peer): Promise<Socket> {
  const socket = connect({ host: address, port, noDelay: true, allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

/** Both ends of one TCP connection: ours, and the one that was accepted. */
export async function loopback(): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const ours = await connectTo({ address: '127.0.0.1', port: (server.address() as AddressInfo).port });
  const [theirs] = await accepted;
  server.close();
  return [ours, theirs];
}
