import { definePlugin, type Plugin } from '@maitred/core';
import { DmarcResult } from '@maitred/authentication-results';

/** Marks what the author's domain wants to be quarantined, for a filter to file: `X-Quarantine`, and never a stranger's. */
export function marked(): Plugin {
  return definePlugin({
    name: 'marked',
    optional: [DmarcResult],
    stages: {
      message: async (message, next) => {
        const { header } = message.content;
        header.remove((name) => name.toLowerCase() === 'x-quarantine');
        if (message.get(DmarcResult)?.disposition === 'quarantine') header.prepend('X-Quarantine: dmarc');
        return next();
      },
    },
  });
}
