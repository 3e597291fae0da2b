import { replies, type Plugin } from '@maitred/core';
import { script, ways, type Client } from '@maitred/testing';
import { describe, it } from 'vitest';
import { prdr } from './prdr.ts';
import { everybody, receiver } from './receiver.ts';
import { allSay, sink } from './sinks.ts';

async function twoRecipients(client: Client, parameters = ''): Promise<void> {
  await client.hello();
  await script(
    client,
    `C: MAIL FROM:<a@client.example>${parameters}
     S: 250
     C: RCPT TO:<one@server.example>
     S: 250
     C: RCPT TO:<two@server.example>
     S: 250
     C: DATA
     S: 354
     C: Subject: x
     C: .`,
  );
}

const divided = [
  sink('one', [], { mine: (mailbox) => mailbox.startsWith('one'), commit: allSay(250) }),
  sink('two', [], { mine: (mailbox) => mailbox.startsWith('two'), commit: allSay(550) }),
];

describe.each(ways)('PRDR, $name', ({ open }) => {
  it('says 353, then what became of each copy, then what counts for all', async () => {
    await using rig = receiver([prdr(), everybody, divided]);
    const client = await open(rig.server);
    await twoRecipients(client, ' PRDR');
    await script(client, 'S: 353\nS: 250 250 by the sink\nS: 550 550 by the sink\nS: 550\nC: NOOP\nS: 250 OK');
  });

  it('is a success when every copy was kept', async () => {
    await using rig = receiver([prdr(), everybody, sink('all', [])]);
    const client = await open(rig.server);
    await twoRecipients(client, ' PRDR');
    await script(client, 'S: 353\nS: 250\nS: 250\nS: 250\nC: NOOP\nS: 250 OK');
  });

  it('answers once where MAIL did not ask for more', async () => {
    await using rig = receiver([prdr(), everybody, divided]);
    const client = await open(rig.server);
    await twoRecipients(client);
    await script(client, 'S: 550\nC: NOOP\nS: 250 OK');
  });

  it('answers once when the message is refused before anybody keeps it', async () => {
    const no: Plugin = { name: 'no', stages: { message: async () => replies.of(554, undefined, 'No') } };
    await using rig = receiver([prdr(), everybody, divided, no]);
    const client = await open(rig.server);
    await twoRecipients(client, ' PRDR');
    await script(client, 'S: 554 No\nC: NOOP\nS: 250 OK');
  });

  it('belongs to its parameter and its keyword', async () => {
    await using rig = receiver([prdr(), everybody]);
    const client = await open(rig.server);
    await script(
      client,
      'S: 220\nC: HELO x\nS: 250\nC: MAIL FROM:<> PRDR\nS: 555\nC: EHLO x\nS: 250-mx.example\nS: 250 PRDR',
    );
    await script(
      client,
      'C: MAIL FROM:<> PRDR=1\nS: 501\nC: MAIL FROM:<> PRDR PRDR\nS: 501\nC: MAIL FROM:<> PRDR\nS: 250',
    );
  });
});
