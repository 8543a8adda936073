// `make bench`: prints the figures of a control plane with many runs, and writes them to bench/results.
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { machine, rows, table } from './report.js';
import { measureState } from './state.js';

const { values } = parseArgs({
  options: {
    finished: { type: 'string', default: '10000' },
    live: { type: 'string', default: '2000' },
    idle: { type: 'string', default: '60' },
    output: { type: 'string' },
  },
});

const size = { finished: Number(values.finished), live: Number(values.live), idleSeconds: Number(values.idle) };
const result = await measureState(size);
const text = table(result, machine());
console.log(text);
const { writesWhileLoading, start, idle, resync } = result;
for (const write of [...writesWhileLoading, ...start.writes, ...idle.writes, ...resync.writes])
  console.log(`unexpected write: ${write}`);
if (values.output !== undefined) {
  await mkdir(values.output, { recursive: true });
  await writeFile(`${values.output}/state.md`, text);
  await writeFile(`${values.output}/state.json`, `${JSON.stringify({ machine: machine(), ...result }, null, 2)}\n`);
}
process.exitCode = rows(result).some(({ reached }) => reached === false) ? 1 : 0;
