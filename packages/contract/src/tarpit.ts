import { Clock, definePlugin, key, type Key, type Plugin } from '@maitred/core';

const Errors: Key<number, 'connection'> = key('tarpit:errors', 'connection');

/** Answers each error a second later than the one before. */
export function tarpit(): Plugin {
  return definePlugin({
    name: 'tarpit',
    provides: [Errors],
    stages: {
      command: {
        order: 'pre',
        handle: async (ctx, next) => {
          const reply = await next();
          if (reply.code < 400) return reply;
          const errors = (ctx.get(Errors) ?? 0) + 1;
          ctx.set(Errors, errors);
          await ctx.inject(Clock).sleep(errors * 1000, ctx.signal);
          return reply;
        },
      },
    },
  });
}
