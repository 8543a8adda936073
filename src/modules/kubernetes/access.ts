import type { ConnectionOptions } from 'node:tls';

/** What a connection needs to know of certificates. */
export type Tls = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'rejectUnauthorized' | 'servername'
>;

/** How to reach the API server as this process's own identity. Holds secrets: never log it. */
export interface Access {
  readonly server: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: Tls;
}

/** Gives the current access; tokens and certificates rotate, so it is asked for before each request. */
export interface AccessSource {
  current(): Promise<Access>;
  /** The server answered 401 to `used`: the next `current()` reads everything anew. */
  invalidate(used: Access): void;
}

export const ACCESS_SOURCE = Symbol('AccessSource');
