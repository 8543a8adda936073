import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { register } from 'prom-client';
import { Config } from '../../config/config.js';
import { Admission } from './admission.js';
import { ADMISSION_METRIC_PROVIDERS } from './admission.metrics.js';

type Share = ReturnType<Admission['tally']>[number];

let shares: Share[] = [];

beforeEach(async () => {
  await Test.createTestingModule({
    providers: [
      ...ADMISSION_METRIC_PROVIDERS,
      { provide: Config, useValue: { admission: { maxRuns: 100 } } },
      { provide: Admission, useValue: { tally: () => shares, pausedAgents: 1 } },
    ],
  }).compile();
});

afterEach(() => register.clear());

async function series(name: string): Promise<Record<string, number>> {
  const { values } = await register.getSingleMetric(name)!.get();
  return Object.fromEntries(values.map(({ labels, value }) => [Object.values(labels).join(), value]));
}

const share = (namespace: string, more: Partial<Share> = {}): Share => ({
  namespace,
  agent: 'coder',
  held: 1,
  waiting: 0,
  reason: 'Queued',
  ...more,
});

it('tells how many runs wait and why, and who holds slots', async () => {
  shares = [
    share('team-a', { waiting: 2 }),
    share('team-a', { agent: 'other', held: 3 }),
    share('team-b', { held: 0, waiting: 5, reason: 'AgentPaused' }),
  ];
  expect(await series('jangar_runs_waiting')).toEqual({ Queued: 2, AgentPaused: 5 });
  expect(await series('jangar_slots_held')).toEqual({ 'team-a': 4, 'team-b': 0 });
  expect(await series('jangar_slots_limit')).toEqual({ '': 100 });
  expect(await series('jangar_agents_paused')).toEqual({ '': 1 });
});

it('has both reasons from the start, and no namespace that is gone', async () => {
  shares = [share('team-a')];
  await series('jangar_slots_held');
  shares = [];
  expect(await series('jangar_runs_waiting')).toEqual({ Queued: 0, AgentPaused: 0 });
  expect(await series('jangar_slots_held')).toEqual({});
});

it('counts namespaces beyond the fifty that hold most together', async () => {
  shares = Array.from({ length: 60 }, (_unused, n) => share(`team-${n}`, { held: n }));
  const held = await series('jangar_slots_held');
  expect(Object.keys(held)).toHaveLength(51);
  expect(held).toMatchObject({ 'team-59': 59, 'team-10': 10, other: 45 });
});
