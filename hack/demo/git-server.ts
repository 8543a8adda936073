// A git server over smart HTTP in one file: git's own http-backend behind Node's server. Node runs it as it is:
//   node git-server.ts DIRECTORY PORT
import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** Answers one request for a repository below `directory`, with http-backend as the CGI program that it is (RFC 3875). */
export function httpBackend(directory: string, request: IncomingMessage, response: ServerResponse): void {
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
  // A client that hangs up, or a backend that ends early, is that request's end and not the server's.
  child.stdin.on('error', () => undefined);
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

if (import.meta.main) {
  const [directory = '.', port = '8080'] = process.argv.slice(2);
  const server = createServer((request, response) => {
    httpBackend(directory, request, response);
  });
  process.once('SIGTERM', () => {
    server.close();
    server.closeAllConnections();
  });
  server.listen(Number(port));
}
