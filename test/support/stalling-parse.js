// Preloaded into a control plane (node --import): stops its event loop for 20 s, once, right after the answer to the
// creation of a ConfigMap was read, and says so on stderr. What follows from that answer then comes before any timer that
// is overdue.
import { writeSync } from 'node:fs';

const STALL_MS = 20_000;
const parse = JSON.parse;
let stalled = false;

JSON.parse = (text, reviver) => {
  const value = parse(text, reviver);
  if (!stalled && value?.kind === 'ConfigMap') {
    stalled = true;
    writeSync(process.stderr.fd, 'stalled\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL_MS);
  }
  return value;
};
