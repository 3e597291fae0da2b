import { script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { base64, house } from '../../test/house.ts';
import { memoryDirectory } from '../directory/memory-directory.ts';
import type { TokenClaim, UserDirectory } from '../tokens.ts';
import { oauthBearer, xoauth2 } from './bearer.ts';

const users = await memoryDirectory([{ name: 'ann@example.org', tokens: ['vF9dft4qmT', 'other'], actsAs: ['sales'] }]);
const oauth = (token: string, actAs = 'ann@example.org'): string =>
  base64(`n,${actAs === '' ? '' : `a=${actAs}`},\x01host=mx.example.org\x01port=587\x01auth=Bearer ${token}\x01\x01`);
const google = (token: string, user = 'ann@example.org'): string =>
  base64(`user=${user}\x01auth=Bearer ${token}\x01\x01`);

describe.each(ways)('OAUTHBEARER $name', ({ open }) => {
  it('lets in whose token it is, named or not', async () => {
    const { server } = house({ directory: users });
    for (const message of [oauth('vF9dft4qmT'), oauth('other', '')]) {
      const client = await open(server);
      expect((await client.hello()).lines.at(-1)).toBe('AUTH OAUTHBEARER XOAUTH2');
      expect(await client.command(`AUTH OAUTHBEARER ${message}`)).toMatchObject({ code: 235 });
      expect(await client.command('WHO')).toMatchObject({ text: 'ann@example.org by OAUTHBEARER' });
    }
  });

  it('tells what was wrong before it refuses', async () => {
    const options = { scope: 'mail', openidConfiguration: 'https://example.org/.well-known/openid-configuration' };
    const client = await open(house({ directory: users, mechanisms: [oauthBearer(options)] }).server);
    await client.hello();
    const { text } = await client.command(`AUTH OAUTHBEARER ${oauth('stale')}`);
    expect(JSON.parse(Buffer.from(text, 'base64').toString())).toEqual({
      status: 'invalid_token',
      schemes: 'bearer',
      scope: 'mail',
      'openid-configuration': 'https://example.org/.well-known/openid-configuration',
    });
    await script(
      client,
      `C: AQ==
       S: 535 5.7.8 Authentication credentials invalid
       C: AUTH OAUTHBEARER ${base64('n,,\x01auth=Basic x\x01\x01')}
       S: 501 5.5.2 That is no message of OAUTHBEARER
       C: AUTH OAUTHBEARER ${oauth('vF9dft4qmT')}
       S: 235`,
    );
  });

  it('lets nobody be somebody else, but as the directory says', async () => {
    const client = await open(house({ directory: users }).server);
    await client.hello();
    await script(
      client,
      `C: AUTH OAUTHBEARER ${oauth('vF9dft4qmT', 'bob@example.org')}
       S: 535
       C: AUTH XOAUTH2 ${google('vF9dft4qmT', 'bob@example.org')}
       S: 535
       C: AUTH OAUTHBEARER ${oauth('vF9dft4qmT', 'sales')}
       S: 235
       C: WHO
       S: 250 sales by OAUTHBEARER`,
    );
  });

  it('hands the directory all that the client says', async () => {
    const claims: TokenClaim[] = [];
    const directory: UserDirectory = {
      verifyToken: async (_token, claim) => {
        claims.push(claim);
        return 'ann@example.org';
      },
    };
    const client = await open(house({ directory }).server);
    await client.hello();
    await client.command(`AUTH OAUTHBEARER ${oauth('x')}`);
    expect(claims).toEqual([{ mechanism: 'OAUTHBEARER', user: 'ann@example.org', host: 'mx.example.org', port: 587 }]);
  });
});

describe.each(ways)('XOAUTH2 $name', ({ open }) => {
  it('lets in whose token it is', async () => {
    const client = await open(house({ directory: users }).server);
    await client.hello();
    await script(
      client,
      `C: AUTH XOAUTH2
       S: 334
       C: ${google('vF9dft4qmT')}
       S: 235
       C: WHO
       S: 250 ann@example.org by XOAUTH2`,
    );
  });

  it('tells what was wrong before it refuses', async () => {
    const mechanisms = [xoauth2({ scope: 'mail' })];
    const client = await open(house({ directory: users, mechanisms }).server);
    await client.hello();
    await script(
      client,
      `C: AUTH XOAUTH2 ${google('stale')}
       S: 334 ${base64('{"status":"401","schemes":"bearer","scope":"mail"}')}
       C:
       S: 535 5.7.8 Authentication credentials invalid
       C: AUTH XOAUTH2 ${google('vF9dft4qmT', '\x7f')}
       S: 501`,
    );
  });
});
