import { expect, it } from '@jest/globals';
import { testsByField } from './tests-by-field.js';

it('finds the tests of each field in the results of several stages, whatever became of them', () => {
  const file = (name: string, ...tests: [fullName: string, status: string][]) => ({
    testResults: [{ name, assertionResults: tests.map(([fullName, status]) => ({ fullName, status })) }],
  });
  const unit = file('/a.spec.ts', ['a run stops [AgentRun spec.cancel]', 'passed'], ['a run goes on', 'failed']);
  const cluster = file('/b.spec.ts', ['ends [AgentRun status.{phase,reason}] [AgentRun spec.cancel]', 'failed']);
  const fields = [...testsByField([unit, cluster])].map(([field, tests]) => [
    field,
    ...tests.map((test) => test.status),
  ]);
  expect(fields).toEqual([
    ['AgentRun spec.cancel', 'passed', 'failed'],
    ['AgentRun status.phase', 'failed'],
    ['AgentRun status.reason', 'failed'],
  ]);
});
