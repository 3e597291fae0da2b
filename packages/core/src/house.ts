import type { Clock } from './clock.ts';
import type { ContentStore } from './content.ts';
import type { Deadlines, Limits } from './limits.ts';
import type { Log } from './log.ts';
import type { Registry } from './registry.ts';
import type { Catalogue } from './replies.ts';
import type { Inject } from './services.ts';

/** What a server decided once for all its connections. */
export interface House {
  readonly hostname: string;
  readonly registry: Registry;
  readonly catalogue: Catalogue;
  readonly limits: Limits;
  readonly deadlines: Deadlines;
  readonly bareLineEndings: 'refuse' | 'convert';
  readonly talkingAhead: 'refuse' | 'allow';
  readonly ignoredParameters: { readonly MAIL: readonly string[]; readonly RCPT: readonly string[] };
  readonly content: ContentStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly inject: Inject;
}
