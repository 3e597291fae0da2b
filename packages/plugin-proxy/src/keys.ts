import { key, type Key } from '@maitred/core';
import type { ProxyHeader } from './header.ts';

/**
 * Connection key: the header that a listed proxy sent, with its TLVs; unset when the client came without one. The
 * addresses in it are `ctx.remote` and `ctx.local` already; the proxy's own is `ctx.socket`.
 */
export const Proxied: Key<ProxyHeader, 'connection'> = key('proxy header', 'connection');
