import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import { createServer, Packet } from 'dns2';

/** Names and their texts or IPv4 addresses; an address in reverse has a name. `SERVFAIL`: the server is in trouble with it. */
export type Names = Readonly<Record<string, readonly string[] | 'SERVFAIL'>>;

/** A DNS server on the loopback interface that we did not write. */
export interface NameServer extends AsyncDisposable {
  /** As `RESOLVERS` has it. */
  readonly address: string;
  /** What it was asked, by way of UDP: `TXT example.org`. */
  readonly questions: readonly string[];
}

type Answer = InstanceType<typeof Packet>['answers'][number];

/** Starts one that knows these names and no others. */
export async function nameServer(names: Names): Promise<NameServer> {
  const { A, PTR, TXT } = Packet.TYPE;
  const types = new Map<number, string>([
    [A, 'A'],
    [PTR, 'PTR'],
    [TXT, 'TXT'],
  ]);
  const questions: string[] = [];
  const server = createServer({
    udp: true,
    handle: (request, send) => {
      const response = Packet.createResponseFromRequest(request);
      const [question] = request.questions;
      const name = question?.name.toLowerCase() ?? '';
      const type = question?.type ?? 0;
      questions.push(`${types.get(type) ?? type} ${name}`);
      const known = names[name];
      if (!known) response.header.rcode = Packet.RCODE.NXDOMAIN;
      if (known === 'SERVFAIL') response.header.rcode = Packet.RCODE.SERVFAIL;
      for (const value of typeof known === 'object' ? known : []) {
        const is = name.endsWith('.arpa') ? PTR : isIPv4(value) ? A : TXT;
        if (is === type) response.answers.push(answer(name, type, value));
      }
      void send(response);
    },
  });
  await server.listen({ udp: { port: 0, address: '127.0.0.1' } });
  const udp = server.addresses()['udp'];
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    await server.close();
    await closed;
  };
  return { address: `127.0.0.1:${(udp as { port: number }).port}`, questions, [Symbol.asyncDispose]: close };

  function answer(name: string, type: number, value: string): Answer {
    const rest =
      type === A ? { address: value } : type === PTR ? { domain: value } : { data: value.match(/.{1,255}/g) ?? [] };
    return { name, type, class: Packet.CLASS.IN, ttl: 60, ...rest } as unknown as Answer;
  }
}
