import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the ports that systems give to connections and to servers that ask for any (from 32768 on Linux, 49152 elsewhere):
 * nobody takes one of these before its server listens, or while that is restarted.
 */
const FIRST = 20_000;
const COUNT = 10_000;
/** One after the other: a port that was given away may not be listened on yet. */
let next = randomInt(COUNT);

/** A port of the loopback address that nobody listens on at this moment, and that nobody is likely to take in the next. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + next;
    next = (next + 1) % COUNT;
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
