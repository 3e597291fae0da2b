export { Clock, systemClock } from './clock.ts';
export { ContentStore } from './content.ts';
export type { Content, Field, HeaderEdits, Storage } from './content.ts';
export type {
  Body,
  BodyContext,
  BodyKind,
  CloseCause,
  Closed,
  Command,
  CommandContext,
  Connection,
  DataContext,
  Facts,
  Listener,
  Message,
  Peer,
  Recipient,
  RecipientContext,
  Session,
  TlsInfo,
  Transaction,
} from './context.ts';
export type { Description } from './describe.ts';
export { Fault, SmtpError } from './errors.ts';
export type { FaultCode } from './errors.ts';
export { Identity, Internationalized, key } from './key.ts';
export type { AnyKey, Bag, Identified, Key, Lifetime } from './key.ts';
export { defaultDeadlines, defaultLimits } from './limits.ts';
export type { Deadlines, Limits, TimedStage } from './limits.ts';
export type { ListenOptions } from './listeners.ts';
export { Log } from './log.ts';
export type { LogMethod } from './log.ts';
export { channels } from './observe.ts';
export { CONTRACT, definePlugin, parameter } from './plugin.ts';
export type {
  AnyParameter,
  Declaration,
  Dependency,
  Extension,
  Host,
  Outcome,
  Parameter,
  Plugin,
  PluginClass,
  Powers,
  Sink,
  Tap,
  Verb,
  VerbSpec,
  Wire,
} from './plugin.ts';
export { basics, before, without } from './presets.ts';
export type { AnyPlugin } from './presets.ts';
export { replies, Texts } from './replies.ts';
export type { Catalogue } from './replies.ts';
export { createServer } from './server.ts';
export type { AttachOptions, Claim, Keep, Server, ServerOptions, Usable } from './server.ts';
export { inject, injectable, service, token } from './services.ts';
export type { AnyService, AnyToken, Inject, Service, Token } from './services.ts';
export { discarding, spool } from './spool.ts';
export type { SpoolOptions } from './spool.ts';
export { on, stage } from './stages.ts';
export type {
  AnyStage,
  Awaitable,
  Collected,
  CoreStages,
  DeclaredHook,
  Hook,
  Hooks,
  Middleware,
  Stage,
  StageName,
} from './stages.ts';
export type { TlsOptions, TlsSettings } from './transport.ts';
export { data } from './verbs/data.ts';
export { hello } from './verbs/hello.ts';
export { mail } from './verbs/mail.ts';
export { privacy } from './verbs/privacy.ts';
export { received } from './verbs/received.ts';
export { session } from './verbs/session.ts';
export { decodeXtext, encodeXtext } from './wire/parameters.ts';
export type { Path } from './wire/path.ts';
export { isAddressLiteral, isDomain, parsePath } from './wire/path.ts';
export type { EnhancedCode, Reply } from './wire/reply.ts';
