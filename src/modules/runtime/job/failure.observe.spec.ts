import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { trimJob, trimPod } from './trim.observe.js';
import { observeJob } from './job.observe.js';
import type { Job, Pod } from './job.types.js';

const DIRECTORY = fileURLToPath(new URL('../../../../test/recorded/', import.meta.url));

/** A Job and its pod as a real API server had them at one moment (test/recorded/README.md). */
interface Recorded {
  readonly job: Job;
  readonly pod: Pod;
}

const recorded = (name: string): Recorded => JSON.parse(readFileSync(`${DIRECTORY}${name}.json`, 'utf8')) as Recorded;

/** By file of test/recorded: what becomes of it. */
const ROWS: [file: string, expected: object][] = [
  [
    'preempted',
    {
      state: 'stopping',
      disrupted: {
        failureClass: 'Evicted',
        message: expect.stringContaining('preempting to accommodate a higher priority pod'),
      },
    },
  ],
  ['evicted-by-api', { state: 'stopping', disrupted: { failureClass: 'Evicted', message: 'Eviction API: evicting' } }],
  [
    'evicted-by-kubelet',
    {
      state: 'failed',
      failureClass: 'Evicted',
      message: expect.stringContaining('ephemeral local storage usage exceeds'),
    },
  ],
  [
    'node-silent',
    {
      state: 'stopping',
      graceEnds: '2026-11-24T00:21:31Z',
      disrupted: { failureClass: 'WorkloadLost', message: 'Taint manager: deleting due to NoExecute taint' },
    },
  ],
  // Its container is `running` for ever: nobody is left to say otherwise.
  ['node-lost', { state: 'failed', failureClass: 'WorkloadLost' }],
  [
    'node-refused',
    {
      state: 'failed',
      failureClass: 'WorkloadLost',
      message: expect.stringMatching(/^the pod's node ended it: OutOfcpu: /),
    },
  ],
  ['out-of-memory', { state: 'failed', failureClass: 'OutOfMemory', exitCode: 137 }],
];

describe('what a real cluster showed', () => {
  it.each(ROWS)('is told as it was: %s', (file, expected) => {
    const { job, pod } = recorded(file);
    expect(observeJob(job, [pod])).toMatchObject(expected);
  });

  it.each(ROWS)('is told from what the cache keeps of it: %s', (file) => {
    const { job, pod } = recorded(file);
    expect(observeJob(trimJob(job), [trimPod(pod)])).toEqual(observeJob(job, [pod]));
  });

  it('has a row for each recording', () => {
    const files = readdirSync(DIRECTORY).filter((file) => file.endsWith('.json'));
    expect(files.map((file) => file.replace('.json', ''))).toEqual(ROWS.map(([file]) => file).toSorted());
  });
});
