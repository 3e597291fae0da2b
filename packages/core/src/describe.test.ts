import { describe, expect, it } from 'vitest';
import { createServer, definePlugin, Identity, key, on, parameter, replies, service, stage, token } from './index.ts';
import type { Key, Session, Stage, Token } from './index.ts';

const Check: Stage<Session> = stage('check', () => replies.ok);
const Size: Key<number, 'transaction'> = key('size', 'transaction');
const Color: Key<string, 'recipient'> = key('color', 'recipient');
const Lists: Token<object> = token('lists');

describe('describe', () => {
  it('says what a server with nothing added is made of', () => {
    expect(createServer({ hostname: 'mx.example' }).describe()).toMatchInlineSnapshot(`
      {
        "accepted": {
          "authenticated": {
            "MAIL": [],
            "RCPT": [],
          },
          "plain": {
            "MAIL": [],
            "RCPT": [],
          },
          "tls": {
            "MAIL": [],
            "RCPT": [],
          },
        },
        "acceptors": [],
        "keywords": {
          "authenticated": [],
          "plain": [],
          "tls": [],
        },
        "parameters": {
          "MAIL": {},
          "RCPT": {},
        },
        "plugins": [
          "hello",
          "mail",
          "data",
          "session",
          "privacy",
          "received",
        ],
        "services": {
          "clock": "core",
          "content store": "core",
          "log": "core",
          "texts": "core",
        },
        "sinks": [],
        "stages": {
          "body": [],
          "close": [],
          "command": [],
          "connect": [],
          "data": [],
          "deliver": [],
          "helo": [],
          "mail": [],
          "message": [
            "received",
          ],
          "prologue": [],
          "rcpt": [],
        },
        "verbs": {
          "DATA": "data",
          "EHLO": "hello",
          "EXPN": "privacy",
          "HELO": "hello",
          "HELP": "session",
          "MAIL": "mail",
          "NOOP": "session",
          "QUIT": "session",
          "RCPT": "mail",
          "RSET": "session",
          "VRFY": "privacy",
        },
      }
    `);
  });

  it('says what plugins and the application added, in order', () => {
    const server = createServer({ hostname: 'mx.example', base: [] })
      .use(
        definePlugin({
          name: 'everything',
          provides: [Check, Size, Color],
          requires: [Identity],
          optional: [Identity],
          extensions: {
            XALWAYS: {},
            XPLAIN: { when: (session) => session.tls === undefined },
            XTLS: { when: (session) => session.tls !== undefined, args: (session) => [session.tls?.protocol ?? ''] },
            XKNOWN: { when: (session) => session.get(Identity) !== undefined, args: () => ['a', 'b'] },
          },
          parameters: {
            MAIL: {
              SIZE: parameter({ key: Size, parse: Number }),
              PLAIN: parameter({ extension: 'XPLAIN', key: Size, parse: Number }),
              'TLS=YES': parameter({ extension: 'xtls', key: Size, parse: Number }),
            },
            RCPT: { KNOWN: parameter({ extension: 'XKNOWN', key: Color, parse: String }) },
          },
          verbs: { XCHECK: { handle: (verb) => verb.run(Check, {}) } },
          accepts: { who: 'everybody', claim: () => undefined },
          stages: { mail: { order: 'post', handle: (_, next) => next() }, deliver: () => undefined },
          services: [service({ token: Lists, create: () => ({}) })],
        }),
        { name: 'proof', provides: [Identity] },
      )
      .on('mail', (_, next) => next())
      .on('mail', { order: 'pre', handle: (_, next) => next() })
      .on(Check, (_, next) => next())
      .accept(() => true)
      .accept(function localUsers() {
        return true;
      })
      .deliver(() => {});
    expect(server.describe()).toMatchInlineSnapshot(`
      {
        "accepted": {
          "authenticated": {
            "MAIL": [
              "SIZE",
              "TLS=YES",
            ],
            "RCPT": [
              "KNOWN",
            ],
          },
          "plain": {
            "MAIL": [
              "SIZE",
              "PLAIN",
            ],
            "RCPT": [],
          },
          "tls": {
            "MAIL": [
              "SIZE",
              "TLS=YES",
            ],
            "RCPT": [],
          },
        },
        "acceptors": [
          "everything: everybody",
          "application #4 (accept): the application",
          "application #5 (accept): localUsers",
        ],
        "keywords": {
          "authenticated": [
            "XALWAYS",
            "XTLS TLSv1.3",
            "XKNOWN a b",
          ],
          "plain": [
            "XALWAYS",
            "XPLAIN",
          ],
          "tls": [
            "XALWAYS",
            "XTLS TLSv1.3",
          ],
        },
        "parameters": {
          "MAIL": {
            "PLAIN": "everything",
            "SIZE": "everything",
            "TLS=YES": "everything",
          },
          "RCPT": {
            "KNOWN": "everything",
          },
        },
        "plugins": [
          "everything",
          "proof",
          "application #1 (mail)",
          "application #2 (mail)",
          "application #3 (check)",
          "application #4 (accept)",
          "application #5 (accept)",
          "application #6 (deliver)",
        ],
        "services": {
          "clock": "core",
          "content store": "core",
          "lists": "everything",
          "log": "core",
          "texts": "core",
        },
        "sinks": [
          "everything",
          "application #6 (deliver)",
        ],
        "stages": {
          "body": [],
          "check": [
            "application #3 (check)",
          ],
          "close": [],
          "command": [],
          "connect": [],
          "data": [],
          "deliver": [
            "everything",
            "application #6 (deliver)",
          ],
          "helo": [],
          "mail": [
            "application #2 (mail)",
            "application #1 (mail)",
            "everything",
          ],
          "message": [],
          "prologue": [],
          "rcpt": [],
        },
        "verbs": {
          "XCHECK": "everything",
        },
      }
    `);
  });

  it('is the same before and after the start, and sets nothing up', async () => {
    let setUp = 0;
    const server = createServer({ hostname: 'mx.example' }).use({ name: 'a', setup: () => void (setUp += 1) });
    const before = server.describe();
    expect(setUp).toBe(0);
    await server.start();
    expect(server.describe()).toEqual(before);
    await server.close();
  });

  it('gives plain data', () => {
    const described = createServer({ hostname: 'mx.example' }).describe();
    expect(JSON.parse(JSON.stringify(described))).toEqual(described);
  });

  it('has the prologues in front of all stages', () => {
    const server = createServer({ hostname: 'mx.example' }).use({ name: 'proxy', prologue: async () => ({}) });
    expect(Object.entries(server.describe().stages)[0]).toEqual(['prologue', ['proxy']]);
  });

  it('hooks of a declared stage stand with it', () => {
    const server = createServer({ hostname: 'mx.example' }).use(
      { name: 'check', provides: [Check] },
      { name: 'policy', requires: [Check], on: [on(Check, (_, next) => next())] },
    );
    expect(server.describe().stages).toMatchObject({ check: ['policy'] });
  });
});
