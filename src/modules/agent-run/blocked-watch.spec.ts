import { describe, expect, it } from '@jest/globals';
import { aRun } from '../../../test/support/builders/objects.js';
import type { RunReason } from '../../api/v1alpha1/reasons.js';
import { runStatus } from './agent-run.status.js';
import { BlockedWatch } from './blocked-watch.js';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds));
const blocked = (reason: RunReason) =>
  runStatus(aRun(), { kind: 'blocked', reason, message: 'm' }, { observation: { state: 'absent' } }, at(0));
const running = runStatus(aRun(), { kind: 'running' }, { observation: { state: 'absent' } }, at(0));

describe('the event of a run that is Blocked', () => {
  it('waits until the state has lasted, since references come in any order', () => {
    expect(new BlockedWatch().check(aRun(), blocked('AgentNotFound'), at(2))).toEqual({ inMs: 3000 });
  });

  it('is recorded once per reason', () => {
    const watch = new BlockedWatch();
    expect(watch.check(aRun(), blocked('AgentNotFound'), at(5)).event?.note).toBe('AgentNotFound: m');
    expect(watch.check(aRun(), blocked('AgentNotFound'), at(600))).toEqual({});
    expect(watch.check(aRun(), blocked('ProviderNotFound'), at(601)).event?.note).toBe('ProviderNotFound: m');
  });

  it('is recorded again when the run was free in between, was deleted, or is another of the same name', () => {
    const watch = new BlockedWatch();
    const check = (uid = 'u1') => watch.check(aRun({}, undefined, { uid }), blocked('AgentNotFound'), at(5)).event;
    expect(check()).toBeDefined();
    expect(watch.check(aRun({}, undefined, { uid: 'u1' }), running, at(6))).toEqual({});
    expect(check()).toBeDefined();
    watch.forget('team-a/fix-login');
    expect(check()).toBeDefined();
    expect(check('u2')).toBeDefined();
    expect(check('u2')).toBeUndefined();
  });
});
