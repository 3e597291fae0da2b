import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { Socket, type AddressInfo } from 'node:net';
import { fakeDns, type DnsAnswers, type Zone } from '@maitred/testing';
import { createTCPServer, createUDPServer, Packet, type default as DNS } from 'dns2';

/** A DNS server on the loopback, over UDP and TCP at one port. */
export interface DnsServer extends AsyncDisposable {
  /** `127.0.0.1` and the port. */
  readonly address: string;
  /** What it was asked, and how: `udp TXT example.org`. */
  readonly asked: readonly string[];
}

const rcodes: Readonly<Record<string, number>> = {
  ENODATA: Packet.RCODE.NOERROR,
  ENOTFOUND: Packet.RCODE.NXDOMAIN,
  ESERVFAIL: Packet.RCODE.SERVFAIL,
  EREFUSED: Packet.RCODE.REFUSED,
};

/** Serves a zone: what is `timeout` or `never` is not answered, `garbage` is octets behind the question's number. */
export async function dnsServer(zone: Zone): Promise<DnsServer> {
  const { resolve } = fakeDns(zone);
  const asked: string[] = [];
  const answer = async (...[request, send, client]: Parameters<DNS.DnsHandler>): Promise<void> => {
    const [question] = request.questions;
    const type = Packet.TYPE_NAME[question?.type ?? 0] as keyof DnsAnswers;
    const name = question?.name ?? '';
    asked.push(`${client instanceof Socket ? 'tcp' : 'udp'} ${type} ${name}`);
    const response = Packet.createResponseFromRequest(request);
    try {
      for (const record of await resolve(name, type)) response.answers.push(resource(name, type, record));
    } catch (error) {
      const { code } = error as { readonly code: string };
      if (code === 'EBADRESP') await send(Buffer.concat([response.toBuffer().subarray(0, 6), Buffer.alloc(60, 0xff)]));
      if (rcodes[code] === undefined) return;
      response.header.rcode = rcodes[code];
    }
    await send(response);
  };
  const handle: DNS.DnsHandler = (...args) => void answer(...args);
  const tcp = createTCPServer(handle);
  const udp = createUDPServer(handle);
  // TCP finds a free port for both.
  await once(tcp.listen(0, '127.0.0.1'), 'listening');
  const { port } = tcp.address() as AddressInfo;
  await udp.listen(port, '127.0.0.1');
  return {
    address: `127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      const closed = [once(tcp, 'close'), once(udp, 'close')];
      tcp.close();
      udp.close();
      await Promise.all(closed);
    },
  };
}

function resource(name: string, type: keyof DnsAnswers, record: unknown): InstanceType<typeof Packet.Resource> {
  const base = { name, type: Packet.TYPE[type], class: Packet.CLASS.IN, ttl: 60 };
  if (type === 'MX') return { ...base, ...(record as object) } as never;
  if (type === 'TXT') return { ...base, data: record } as never;
  if (type === 'A' || type === 'AAAA') return { ...base, address: record } as never;
  return { ...base, domain: record } as never;
}
