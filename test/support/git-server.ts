import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { httpBackend } from '../../hack/demo/git-server.js';

/** A git server over smart HTTP: git's own http-backend behind node's server, serving every repository below one directory. */
export interface GitServer {
  url: string;
  /** The Authorization header of every request, in order. */
  readonly authorizations: (string | undefined)[];
  close(): Promise<void>;
}

export interface GitServerOptions {
  directory: string;
  /** HTTPS with this certificate instead of plain HTTP. */
  tls?: { key: string; cert: string };
  /** Answers 401 to every other `Authorization`. */
  authorization?: string;
  /** Never answers. */
  silent?: boolean;
  onRequest?: () => void;
}

export async function startGitServer(options: GitServerOptions): Promise<GitServer> {
  const authorizations: (string | undefined)[] = [];
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    authorizations.push(request.headers.authorization);
    options.onRequest?.();
    if (options.silent === true) return;
    if (options.authorization !== undefined && request.headers.authorization !== options.authorization) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('no\n');
      return;
    }
    httpBackend(options.directory, request, response);
  };
  const server = options.tls === undefined ? createServer(handle) : createTlsServer(options.tls, handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    authorizations,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
