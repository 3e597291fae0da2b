/** What a field says, as it is read by the grammar. */
export interface Authres {
  readonly authservId: string;
  readonly results: readonly {
    readonly method: string;
    readonly result: string;
    readonly reason: string | undefined;
    readonly comments: readonly string[];
    readonly properties: readonly string[];
  }[];
}

/**
 * Reads `authres-payload` by RFC 8601 2.2 and the rules it takes from RFC 5321, 5322, 6376, 6532 and 2045, each written
 * as its ABNF has it. Throws for whatever the grammar doesn't have.
 */
export function parseAuthres(text: string): Authres {
  return new Grammar(text).authresPayload();
}

const utf8 = String.raw`\u0080-\u{10FFFF}`;

class Grammar {
  readonly #text: string;
  #at = 0;
  #comments: string[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  authresPayload(): Authres {
    this.#maybe(() => this.#cfws());
    const authservId = this.#value();
    this.#maybe(() => {
      this.#cfws();
      this.#take(/\d+/);
      this.#maybe(() => this.#cfws());
    });
    const none = this.#maybe(() => this.#noResult());
    const results: Authres['results'][number][] = [];
    if (none === undefined) {
      do results.push(this.#resinfo());
      while (this.#text.slice(this.#at).trim() !== '');
    }
    this.#maybe(() => this.#cfws());
    if (this.#at < this.#text.length) this.#fail('the end');
    return { authservId, results };
  }

  #noResult(): true {
    this.#maybe(() => this.#cfws());
    this.#take(/;/);
    this.#maybe(() => this.#cfws());
    this.#take(/none(?![^\s])/);
    return true;
  }

  #resinfo(): Authres['results'][number] {
    this.#comments = [];
    this.#maybe(() => this.#cfws());
    this.#take(/;/);
    const [method, result] = this.#methodspec();
    const reason = this.#maybe(() => {
      this.#cfws();
      return this.#reasonspec();
    });
    const properties = this.#maybe(() => {
      this.#cfws();
      const found = [this.#propspec()];
      for (let next = this.#maybe(() => this.#propspec()); next !== undefined;) {
        found.push(next);
        next = this.#maybe(() => this.#propspec());
      }
      return found;
    });
    // What stands in front of the next semicolon, or of the end, belongs here as well as there.
    this.#maybe(() => this.#cfws());
    return { method, result, reason, comments: this.#comments, properties: properties ?? [] };
  }

  #methodspec(): [string, string] {
    this.#maybe(() => this.#cfws());
    const method = this.#keyword();
    this.#equals();
    return [method, this.#keyword()];
  }

  #reasonspec(): string {
    this.#take(/reason/i);
    this.#equals();
    return this.#value();
  }

  #propspec(): string {
    const ptype = this.#keyword();
    this.#maybe(() => this.#cfws());
    this.#take(/\./);
    this.#maybe(() => this.#cfws());
    const property = this.#keyword();
    this.#maybe(() => this.#cfws());
    this.#take(/=/);
    this.#maybe(() => this.#cfws());
    const value = this.#maybe(() => this.#address()) ?? this.#value();
    this.#maybe(() => this.#cfws());
    return `${ptype}.${property}=${value}`;
  }

  #equals(): void {
    this.#maybe(() => this.#cfws());
    this.#take(/=/);
    this.#maybe(() => this.#cfws());
  }

  /** RFC 5321: `Ldh-str` with a letter or digit in front. */
  #keyword(): string {
    return this.#take(/[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?/);
  }

  /** RFC 2045 5.1. */
  #value(): string {
    return this.#maybe(() => this.#quotedString()) ?? this.#take(/[^\s\0-\x1f\x7f-\u{10FFFF}()<>@,;:\\"/[\]?=]+/u);
  }

  /** `[ [ local-part ] "@" ] domain-name`, of which what has no `@` is a token as well. */
  #address(): string {
    const atext = String.raw`[A-Za-z0-9!#$%&'*+\-/=?^_\x60{|}~${utf8}]`;
    const local =
      this.#maybe(() => this.#quotedString()) ?? this.#take(new RegExp(`(?:${atext}+(?:\\.${atext}+)*)?`, 'u'));
    const domain = this.#take(/@[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9][A-Za-z0-9-]*)+/);
    return local + domain;
  }

  #quotedString(): string {
    this.#take(/"/);
    let found = '';
    for (;;) {
      const space = this.#maybe(() => this.#fws());
      if (space !== undefined) found += space;
      else if (this.#text[this.#at] === '"') break;
      else found += this.#maybe(() => this.#quotedPair()) ?? this.#take(new RegExp(`[!#-[\\]-~${utf8}]`, 'u'));
    }
    this.#take(/"/);
    return found;
  }

  #quotedPair(): string {
    return this.#take(new RegExp(`\\\\[ -~\\t${utf8}]`, 'u')).slice(1);
  }

  /** RFC 5322 3.2.2. */
  #cfws(): void {
    const start = this.#at;
    do this.#maybe(() => this.#fws());
    while (this.#maybe(() => this.#comment()) !== undefined);
    if (this.#at === start) this.#fail('CFWS');
  }

  #comment(): string {
    this.#take(/\(/);
    let found = '';
    while (this.#text[this.#at] !== ')') {
      found +=
        this.#maybe(() => this.#fws()) ??
        this.#maybe(() => this.#quotedPair()) ??
        this.#maybe(() => this.#comment()) ??
        this.#take(new RegExp(`[!-'*-[\\]-~${utf8}]`, 'u'));
    }
    this.#take(/\)/);
    this.#comments.push(found);
    return found;
  }

  /** Folds are no part of what it stands for. */
  #fws(): string {
    return this.#take(/(?:[ \t]*\r\n)?[ \t]+/).replace('\r\n', '');
  }

  #take(pattern: RegExp): string {
    const here = new RegExp(pattern.source, `${pattern.flags}y`);
    here.lastIndex = this.#at;
    const [found] = here.exec(this.#text) ?? this.#fail(pattern.source);
    this.#at += found.length;
    return found;
  }

  #maybe<T>(rule: () => T): T | undefined {
    const start = this.#at;
    const comments = [...this.#comments];
    try {
      return rule();
    } catch {
      this.#at = start;
      this.#comments = comments;
      return undefined;
    }
  }

  #fail(expected: string): never {
    throw new SyntaxError(`${expected} expected at ${JSON.stringify(this.#text.slice(this.#at, this.#at + 60))}`);
  }
}
