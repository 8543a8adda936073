import type { Provider } from '@nestjs/common';
import { makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { Config } from '../../config/config.js';
import { Admission } from './admission.js';

const WAITING = 'jangar_runs_waiting';
const SLOTS = 'jangar_slots_held';
const LIMIT = 'jangar_slots_limit';
const PAUSED = 'jangar_agents_paused';

/** Namespaces come from users: past this many, further ones are counted together. */
const MAX_NAMESPACES = 50;

/** Counted when they are asked for; on a replica that does not lead they are 0. */
export const ADMISSION_METRIC_PROVIDERS: Provider[] = [
  makeGaugeProvider({
    name: WAITING,
    help: 'AgentRuns that wait for a slot, by reason: Queued, AgentPaused.',
    labelNames: ['reason'],
    inject: [Admission],
    collect(this: Gauge, admission: Admission) {
      const waiting = { Queued: 0, AgentPaused: 0 };
      for (const share of admission.tally()) waiting[share.reason] += share.waiting;
      for (const [reason, runs] of Object.entries(waiting)) this.set({ reason }, runs);
    },
  }),
  makeGaugeProvider({
    name: SLOTS,
    help: 'Slots that AgentRuns hold, by namespace.',
    labelNames: ['namespace'],
    inject: [Admission],
    collect(this: Gauge, admission: Admission) {
      this.reset();
      for (const [namespace, held] of heldByNamespace(admission)) this.set({ namespace }, held);
    },
  }),
  makeGaugeProvider({
    name: LIMIT,
    help: 'Slots that there are in all.',
    inject: [Config],
    collect(this: Gauge, { admission }: Config) {
      this.set(admission.maxRuns);
    },
  }),
  makeGaugeProvider({
    name: PAUSED,
    help: 'Agents whose runs wait because their service turned the last ones away.',
    inject: [Admission],
    collect(this: Gauge, admission: Admission) {
      this.set(admission.pausedAgents);
    },
  }),
];

/** Those that hold most have a label of their own. */
function heldByNamespace(admission: Admission): [namespace: string, held: number][] {
  const held = new Map<string, number>();
  for (const share of admission.tally()) held.set(share.namespace, (held.get(share.namespace) ?? 0) + share.held);
  const byHeld = [...held].toSorted(([, one], [, other]) => other - one);
  const others = byHeld.slice(MAX_NAMESPACES);
  if (others.length === 0) return byHeld;
  return [...byHeld.slice(0, MAX_NAMESPACES), ['other', others.reduce((sum, [, slots]) => sum + slots, 0)]];
}
