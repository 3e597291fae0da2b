import { definePlugin, Internationalized, type Awaitable, type Message, type Plugin } from '@maitred/core';
import type { Resinfo } from '../results.ts';
import { unlessGone } from '../unless-gone.ts';
import { resultKeys, resultsOf } from './collect.ts';
import { forgedBy } from './forged.ts';
import { writeResults } from './write.ts';

/** What {@link authenticationResults} is made with. */
export interface AuthenticationResultsOptions {
  /** Who says so (RFC 8601 2.5): a name that your users' programs know and strangers can't use. Default: the host's name. */
  readonly authservId?: string;
  /** Further names of yours, of other hosts or of old: fields that bear one are removed too. Default: none. */
  readonly ours?: readonly string[];
  /** Whose fields are believed, as those of a host of yours in front of this one: nothing is removed. Default: nobody's. */
  readonly believes?: (message: Message) => boolean;
  /**
   * Whether the field names who an authenticated client is (`smtp.auth`). Everybody reads it who gets the message. Default:
   * false, `auth=pass` alone.
   */
  readonly identity?: boolean;
  /** Results of checks of your own; reported after the others. Default: none. */
  readonly more?: (message: Message) => Awaitable<readonly Resinfo[]>;
}

/**
 * Reports what was found: one `Authentication-Results` on top of the stored message (RFC 8601), iprev, auth, spf, dkim, arc
 * and dmarc in this order, whatever of it was checked; and removes what a stranger wrote in the receiver's name. Use it after
 * all that verify, who see the message as it came.
 *
 * Throws RangeError for an authserv-id that can't be written.
 */
export function authenticationResults({
  authservId,
  ours = [],
  believes = () => false,
  identity = false,
  more = () => [],
}: AuthenticationResultsOptions = {}): Plugin {
  if (authservId !== undefined) writeResults(authservId, []);
  const found = async (ctx: Message): Promise<Resinfo[]> => [
    ...(await resultsOf(ctx, { identity })),
    ...(await more(ctx)),
  ];
  return definePlugin({
    name: 'authentication-results',
    optional: [...resultKeys, Internationalized],
    stages: {
      message: async (ctx, next) => {
        const id = authservId ?? ctx.hostname;
        const results = await unlessGone(ctx, found(ctx));
        const utf8 = ctx.get(Internationalized) === true;
        const { header } = ctx.content;
        // A promise is no yes.
        const believed: unknown = believes(ctx);
        if (believed !== true) header.remove(forgedBy([id, ...ours]));
        header.prepend(`Authentication-Results: ${writeResults(id, results, { utf8 })}`);
        return next();
      },
    },
  });
}
