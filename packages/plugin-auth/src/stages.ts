import { stage, type Session, type Stage } from '@maitred/core';
import { perform, type Attempt } from './attempt.ts';

/** What the `auth` stage is handed. */
export interface AuthContext extends Session {
  readonly attempt: Attempt;
}

/**
 * One attempt to authenticate, run around the whole exchange. Before `next()` a middleware knows the mechanism and which
 * attempt this is, and may refuse; after it also who the client claims to be and who it proved to be. 235 2.7.0 lets it in,
 * 535 5.7.8 refuses; only a proven identity makes a 2xx true.
 */
export const Auth: Stage<AuthContext> = stage('auth', ({ attempt, signal }) => perform(attempt, signal));
