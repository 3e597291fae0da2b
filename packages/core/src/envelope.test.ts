import { ways } from '@maitred/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { key } from './key.ts';
import { definePlugin, parameter } from './plugin.ts';
import { replies } from './replies.ts';
import { createServer } from './server.ts';
import type { Server } from './server.ts';

const Kind = key<string>('kind', 'transaction');
const refused = replies.of(501, '5.5.4', 'Another KIND');

let server: Server;

/** `KIND=BIG` has one owner, `KIND` with any other value another. */
const kinds = (): Server =>
  (server = createServer({ hostname: 'mx.example' }).use(
    definePlugin({
      name: 'any',
      provides: [Kind],
      parameters: { MAIL: { KIND: parameter({ key: Kind, parse: () => refused }) } },
    }),
    definePlugin({
      name: 'big',
      requires: [Kind],
      parameters: { MAIL: { 'KIND=BIG': parameter({ key: Kind, parse: () => 'BIG' }) } },
    }),
  ));

afterEach(() => server.close({ deadline: 0 }));

describe.each(ways)('a parameter whose values have owners, $name', ({ open }) => {
  it.each([
    ['KIND=BIG', 250],
    ['kind=big', 250],
    ['KIND=bIg', 250],
    ['KIND=SMALL', 501],
    ['KIND=b\u0131g', 501],
    ['KIND', 501],
    ['SORT=BIG', 555],
  ])('%s: %i', async (given, code) => {
    const client = await open(kinds());
    await client.hello();
    expect(await client.command(`MAIL FROM:<a@client.example> ${given}`)).toMatchObject({ code });
  });
});
