import { parseArgs } from 'node:util';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { report } from './report.ts';

const { values } = parseArgs({ options: { 'as-shipped': { type: 'boolean', default: false } } });

/** A connection's `init` is the first of these, and then, a fixed 100 ms later for the sake of early talkers, the second. */
interface Greets {
  _setListeners(ready: () => void): void;
  connectionReady(): void;
}

function initAtOnce(this: Greets): void {
  // oxlint-disable-next-line no-underscore-dangle -- its name
  this._setListeners(() => this.connectionReady());
}

if (!values['as-shipped']) {
  const path = 'smtp-server/lib/smtp-connection.js';
  const { SMTPConnection } = (await import(path)) as { SMTPConnection: { prototype: { init(): void } } };
  Object.assign(SMTPConnection.prototype, { init: initAtOnce });
}

// The least work it can be asked for: handlers that answer in the same turn, no log, no DNS, no AUTH, no TLS, no size.
const server = new SMTPServer({
  name: 'mx.example.com',
  noDelay: true,
  logger: false,
  disableReverseLookup: true,
  authOptional: true,
  disabledCommands: ['AUTH', 'STARTTLS'],
  onConnect: (_session, callback) => callback(),
  onMailFrom: (_address, _session, callback) => callback(),
  onRcptTo: (_address, _session, callback) => callback(),
  onData(stream, _session, callback) {
    stream.on('end', () => callback());
    stream.resume();
  },
});
server.on('error', () => {});
server.listen(0, '127.0.0.1', () => report((server.server.address() as AddressInfo).port));
