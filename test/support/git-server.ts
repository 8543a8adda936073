import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

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

/** Runs git http-backend as the CGI program that it is. */
function httpBackend(directory: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://server');
  const child = spawn('git', ['-c', 'safe.directory=*', 'http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: directory,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(child.stdin);
  let head = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    if (response.headersSent) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const headers = new Headers(head.toString('latin1', 0, end).split('\r\n').map(header));
    response.writeHead(Number.parseInt(headers.get('status') ?? '200', 10), Object.fromEntries(headers));
    response.write(head.subarray(end + 4));
  });
  child.stdout.on('end', () => response.end());
}

function header(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}
