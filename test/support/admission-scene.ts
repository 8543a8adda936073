import { expect } from '@jest/globals';
import type { AgentRunStatus, RunAttempt } from '../../src/api/v1alpha1/agent-run-status.types.js';
import type { AgentRun, AgentRunSpec } from '../../src/api/v1alpha1/agent-run.types.js';
import type { FailureClass } from '../../src/api/v1alpha1/failure-class.js';
import { Admission } from '../../src/modules/agent-run/admission/admission.js';
import { AgentOutages } from '../../src/modules/agent-run/agent-outages.js';
import { RunCaches } from '../../src/modules/agent-run/run-caches.js';
import type { Config } from '../../src/modules/config/config.js';
import { AGENT_RUNS, AGENTS } from '../../src/modules/kubernetes/resource.js';
import type { RuntimeAdapters } from '../../src/modules/runtime/runtime-adapters.js';
import { anAgent, aRun } from './builders/objects.js';
import { CacheFeed } from './cache-feed.js';
import { FakeClock } from './fake-clock.js';

const LIMITS = { maxRuns: 2, maxRunsPerNamespace: 2, maxRunsPerAgent: 2, pauseProbeSeconds: 60 };
export const START = new Date('2026-01-02T00:00:00Z');

/** The part of the control plane that shares out slots, over caches that a test feeds. */
export class AdmissionScene {
  readonly feed = new CacheFeed();
  readonly clock = new FakeClock(START);
  /** Keys that were woken since the last look. */
  woken: string[] = [];
  /** Names of runs that have a workload which their status does not tell of. */
  readonly leftBehind = new Set<string>();
  readonly admission: Admission;

  constructor(limits: Partial<typeof LIMITS> = {}) {
    const config = { admission: { ...LIMITS, ...limits } } as Config;
    const caches = new RunCaches(this.feed.informers);
    const adapters = {
      observe: ({ run }: { run: { name: string } }) => ({
        state: this.leftBehind.has(run.name) ? 'running' : 'absent',
      }),
    } as unknown as RuntimeAdapters;
    const outages = new AgentOutages(caches, config, this.clock);
    this.admission = new Admission(caches, adapters, outages, config, this.clock);
    this.feed.put(AGENTS, anAgent());
  }

  start(): this {
    this.admission.start((key) => this.woken.push(key.replace('team-a/', '')));
    return this;
  }

  /** What the pass over a run that is ready comes to. */
  ask(run: AgentRun): string {
    const admitted = this.admission.request(run);
    if (admitted.kind === 'queued') this.put(withStatus(run, { phase: 'Pending', reason: admitted.reason }));
    return admitted.kind === 'queued' ? admitted.reason : admitted.kind;
  }

  /** The run asks, and its workload is made and written down. */
  submit(run: AgentRun): void {
    expect(this.ask(run)).toBe('granted');
    this.put(running(run, this.now()));
  }

  end(run: AgentRun, failureClass?: FailureClass, submittedAt = this.now()): void {
    this.put(over(run, { submittedAt, finishedAt: this.now(), ...(failureClass && { failureClass }) }));
  }

  put(run: AgentRun): void {
    this.feed.put(AGENT_RUNS, run);
  }

  now(): string {
    return this.clock.now().toISOString().replace('.000', '');
  }

  takeWoken(): string[] {
    return this.woken.splice(0);
  }
}

/** A run of that name, made in that second. */
export function named(name: string, second: number, spec: Partial<AgentRunSpec> = {}): AgentRun {
  return aRun(spec, undefined, { name, uid: `uid-${name}`, creationTimestamp: `2026-01-01T00:00:0${second}Z` });
}

/** Runs of one agent, the older first. */
export const [one, two, three, four] = [named('one', 1), named('two', 2), named('three', 3), named('four', 4)] as const;

export function withStatus(run: AgentRun, status: AgentRunStatus): AgentRun {
  return { ...run, status };
}

/** Its first attempt runs. */
export function running(run: AgentRun, submittedAt: string): AgentRun {
  return withStatus(run, { phase: 'Running', reason: 'Running', submittedAt, attempts: [{ number: 1, submittedAt }] });
}

/** Its last attempt has ended, and it is not over. */
export function between(run: AgentRun, attempt: Partial<RunAttempt> = {}): AgentRun {
  const times = { submittedAt: '2026-01-01T01:00:00Z', finishedAt: '2026-01-01T01:01:00Z' };
  return withStatus(run, {
    phase: 'Running',
    reason: 'Retrying',
    submittedAt: times.submittedAt,
    attempts: [{ number: 1, ...times, failureClass: 'Evicted', ...attempt }],
  });
}

/** It is over. */
export function over(run: AgentRun, status: AgentRunStatus): AgentRun {
  const phase = status.failureClass === undefined ? 'Succeeded' : 'Failed';
  const lastTransitionTime = status.finishedAt ?? '';
  const conditions = [{ type: 'Finished', status: 'True' as const, reason: phase, message: '', lastTransitionTime }];
  return withStatus(run, { phase, conditions, ...status });
}
