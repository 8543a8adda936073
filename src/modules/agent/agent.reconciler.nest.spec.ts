import { describe, expect, it } from '@jest/globals';
import { anAgent, aProvider, aRun, CREATED } from '../../../test/support/builders/objects.js';
import { CacheFeed } from '../../../test/support/cache-feed.js';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { passContext } from '../../../test/support/pass-context.js';
import { findCondition } from '../../api/meta/condition.js';
import type { Agent, AgentStatus } from '../../api/v1alpha1/agent.types.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import { AgentOutages } from '../agent-run/agent-outages.js';
import { RunCaches } from '../agent-run/run-caches.js';
import type { Config } from '../config/config.js';
import { AGENT_PROVIDERS, AGENT_RUNS, AGENTS } from '../kubernetes/resource.js';
import type { StatusWriter } from '../manager/status-writer.js';
import { AgentReconciler } from './agent.reconciler.js';

const KEY = 'team-a/coder';

/** A run that ended in that second. */
function over(second: number, failureClass?: 'AuthFailed'): AgentRun {
  const finishedAt = `2026-01-01T00:00:${second}Z`;
  const phase = failureClass ? 'Failed' : 'Succeeded';
  const conditions = [
    { type: 'Finished', status: 'True' as const, reason: phase, message: '', lastTransitionTime: finishedAt },
  ];
  const status = {
    phase,
    conditions,
    submittedAt: CREATED,
    finishedAt,
    ...(failureClass && { failureClass }),
  } as const;
  return aRun({}, status, { name: `run-${second}`, uid: `uid-${second}` });
}

/** A reconciler over caches that the test feeds; what it writes, it caches. */
function startReconciler() {
  const feed = new CacheFeed();
  const clock = new FakeClock();
  const config = { admission: { pauseProbeSeconds: 60 } } as Config;
  const written: AgentStatus[] = [];
  const writer = {
    write: (_resource: typeof AGENTS, agent: Agent, status: AgentStatus) => {
      written.push(status);
      feed.put(AGENTS, { ...agent, status });
      return Promise.resolve(true);
    },
  } as unknown as StatusWriter;
  const outages = new AgentOutages(new RunCaches(feed.informers), config, clock);
  const reconciler = new AgentReconciler(feed.informers, writer, outages);
  feed.put(AGENT_PROVIDERS, aProvider());
  feed.put(AGENTS, anAgent());
  const woken: string[] = [];
  for (const { informer, mapToKeys } of reconciler.watches())
    informer.onEvent((event) => void woken.push(...mapToKeys(event)));
  woken.splice(0);
  const pass = async () => {
    woken.splice(0);
    await reconciler.reconcile(
      KEY,
      passContext(() => clock.now()),
    );
    const paused = findCondition(written.at(-1)?.conditions, 'Paused');
    return `${paused?.status} ${paused?.reason}`;
  };
  return { feed, woken, pass };
}

describe('the status of an Agent', () => {
  it('tells of a pause when it begins and when it ends, and is not looked at for any other run', async () => {
    const { feed, woken, pass } = startReconciler();
    expect(await pass()).toBe('False NotPaused');
    feed.put(AGENT_RUNS, over(10, 'AuthFailed'));
    feed.put(AGENT_RUNS, over(11, 'AuthFailed'));
    expect(woken).toEqual([]);
    feed.put(AGENT_RUNS, over(12, 'AuthFailed'));
    expect(woken).toEqual([KEY]);
    expect(await pass()).toBe('True AuthFailed');
    feed.put(AGENT_RUNS, over(13, 'AuthFailed'));
    expect(woken).toEqual([]);
    feed.put(AGENT_RUNS, over(14));
    expect(woken).toEqual([KEY]);
    expect(await pass()).toBe('False NotPaused');
  });

  it('is not looked at for a run whose Agent is not there', () => {
    const { feed, woken } = startReconciler();
    feed.put(AGENT_RUNS, { ...over(10), spec: { ...over(10).spec, agentRef: { name: 'other' } } });
    expect(woken).toEqual([]);
  });
});
