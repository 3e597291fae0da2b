import {
  Clock,
  createServer,
  inject,
  injectable,
  Log,
  service,
  token,
  type Plugin,
  type Reply,
  type Token,
} from '@maitred/core';
import { inMemory, memoryLog, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { Book, Ledger } from './ledger.ts';
import { inbox } from './receiver.ts';

describe.each(ways)('a plugin as an injectable class, $name', ({ open }) => {
  it('is handed its services, and its hooks keep their this', async () => {
    await using rig = inbox(Ledger);
    let book: Book | undefined;
    rig.server.use({ name: 'reader', requires: [Book], setup: (host) => void (book = host.inject(Book)) });
    const client = await open(rig.server);
    await client.hello();
    await client.mail({ content: 'Subject: x\r\n' });
    expect(book?.lines).toEqual(['mx.example: sender@client.example 12 250']);
  });

  it('takes what a test puts in the place of a service, which the test keeps', async () => {
    const lines: string[] = [];
    let disposed = false;
    await using rig = inbox(Ledger);
    rig.server.override(Book, {
      lines,
      write: (line) => void lines.push(line),
      [Symbol.dispose]: () => void (disposed = true),
    });
    const client = await open(rig.server);
    await client.hello();
    await client.mail({ content: 'Subject: x\r\n' });
    await rig[Symbol.asyncDispose]();
    expect(lines).toEqual(['mx.example: sender@client.example 12 250']);
    expect(disposed).toBe(false);
  });

  it('is one of its own in every server', async () => {
    await using one = inbox(Ledger);
    await using two = inbox(Ledger);
    const books: Book[] = [];
    for (const { server } of [one, two]) {
      server.use({ name: 'reader', requires: [Book], setup: (host) => void books.push(host.inject(Book)) });
      await (await open(server)).hello();
    }
    expect(books[0]).not.toBe(books[1]);
  });
});

@injectable()
class Methodical {
  static readonly plugin = { name: 'methodical' };
  readonly #name = 'methodical';

  async prologue(): Promise<object> {
    return this.#name === 'methodical' ? {} : { remote: undefined };
  }

  format(reply: Reply): Reply {
    return { ...reply, lines: reply.lines.map((line) => `${this.#name} ${line}`) };
  }

  answer(_transaction: unknown, one: Reply): Reply {
    return { ...one, lines: [this.#name] };
  }
}

describe('a class', () => {
  it('may have methods where a plugin has functions', async () => {
    await using rig = inbox(Methodical);
    const client = await inMemory.open(rig.server);
    expect(await client.reply()).toMatchObject({ text: 'methodical mx.example ESMTP' });
    await client.command('EHLO x');
    expect(await client.mail()).toMatchObject({ code: 250, text: 'methodical methodical' });
    expect(rig.log.records).toEqual([]);
  });
});

const A: Token<string> = token('A');
const B: Token<string> = token('B');
const C: Token<string> = token('C');
const describing =
  (...plugins: readonly Plugin[]): (() => unknown) =>
  () =>
    createServer({ hostname: 'mx.example' }).use(plugins).describe();
const made = (of: Token<string>, ...needs: readonly Token<string>[]) =>
  service({ token: of, create: (resolve) => needs.map((need) => resolve(need)).join('') });

describe('services that can’t be', () => {
  it.each<[string, () => unknown, string]>([
    ['a circle', describing({ name: 'round', services: [made(A, B), made(B, C), made(C, A)] }), 'A → B → C → A'],
    ['one that needs itself', describing({ name: 'round', services: [made(A, A)] }), 'A → A'],
    [
      'twice',
      describing({ name: 'one', services: [made(A)] }, { name: 'two', services: [made(A)] }),
      'two registers A, which one did',
    ],
    [
      'of core, twice',
      describing({ name: 'one', services: [service({ token: Clock, create: () => ({}) as Clock })] }),
      'one registers clock',
    ],
    ['missing', describing({ name: 'one', services: [made(A, B)] }), 'B has no service'],
    ['required and missing', describing({ name: 'one', requires: [A] }), 'one needs A, which nothing provides'],
  ])('stop the start: %s', (_, start, words) => {
    expect(start).toThrow(words);
  });

  it('are named where a class asks for them', () => {
    @injectable()
    class Lost {
      static readonly plugin = { name: 'lost', requires: [A] };
      readonly a: string;
      constructor(@inject(A) a: string) {
        this.a = a;
      }
      setup(): void {}
    }
    expect(() => createServer({ hostname: 'mx.example' }).use(Lost).describe()).toThrow(
      'lost needs A, which nothing provides',
    );
  });

  it('replace another one only if they say so, whatever the order of use', () => {
    const other = service({ token: A, override: true, create: () => 'other' });
    expect(describing({ name: 'one', services: [made(A)] }, { name: 'two', services: [other] })()).toMatchObject({
      services: { A: 'two' },
    });
    expect(describing({ name: 'two', services: [other] }, { name: 'one', services: [made(A)] })).toThrow('A');
  });
});

/** A plugin with a service, both of which note their end, or fail at it. */
const noting = (noted: string[], name: string, needs: readonly Token<string>[] = [], fails = false): Plugin => ({
  name: `plugin ${name}`,
  services: [
    service({
      token: token<AsyncDisposable>(name),
      create: (resolve) => {
        for (const need of needs) resolve(need);
        return {
          [Symbol.asyncDispose]: async () => {
            noted.push(`dispose ${name}`);
            if (fails) throw new Error(`${name} would not`);
          },
        };
      },
    }),
  ],
  setup: () => void noted.push(`setup ${name}`),
  close: () => {
    noted.push(`close ${name}`);
    if (fails) throw new Error(`${name} would not close`);
  },
});

describe('the end', () => {
  it('comes in reverse: plugins, then services, and one failure skips nothing', async () => {
    const noted: string[] = [];
    const log = memoryLog();
    const server = createServer({ hostname: 'mx.example' })
      .override(Log, log)
      .use(noting(noted, 'one'), noting(noted, 'two', [], true), noting(noted, 'three'));
    await server.start();
    await server.close();
    expect(noted.slice(0, 3)).toEqual(['setup one', 'setup two', 'setup three']);
    expect(noted.slice(3)).toEqual(
      ['three', 'two', 'one']
        .flatMap((name) => `close ${name}`)
        .concat(['dispose three', 'dispose two', 'dispose one']),
    );
    expect(log.records.map(({ fields }) => fields['plugin'] ?? fields['service'])).toEqual(['plugin two', 'two']);
  });

  it('comes for what was set up when a setup fails', async () => {
    const noted: string[] = [];
    const broken: Plugin = {
      name: 'broken',
      setup: () => Promise.reject(new Error('no disk')),
      close: () => void noted.push('close broken'),
    };
    const server = createServer({ hostname: 'mx.example' }).use(noting(noted, 'one'), broken, noting(noted, 'three'));
    await expect(server.start()).rejects.toThrow('broken could not be set up');
    expect(noted).toEqual(['setup one', 'close one', 'dispose three', 'dispose one']);
    await expect(server.listen({ port: 0 })).rejects.toThrow('broken could not be set up');
  });

  it('comes for the services too when one of them can’t be made', () => {
    const noted: string[] = [];
    const broken: Plugin = {
      name: 'broken',
      services: [
        service({
          token: A,
          create: () => {
            throw new Error('no disk');
          },
        }),
      ],
    };
    expect(describing(noting(noted, 'one'), broken)).toThrow('no disk');
  });
});
