// The repositories below /srv/git over HTTPS, for who sends the `Authorization` that the environment names.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { httpBackend } from './git-server.ts';

const [key, cert] = ['tls.key', 'tls.crt'].map((file) => readFileSync(`/etc/git-peer/${file}`));

createServer({ key, cert }, (request, response) => {
  if (request.headers.authorization === process.env.AUTHORIZATION) httpBackend('/srv/git', request, response);
  else response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('no\n');
}).listen(8443);
