import type { SeedResult } from './seed-run.js';

/** What one seed came to, in a line. */
export function reportLine({ seed, runs, faults, violations }: SeedResult): string {
  const injected = [...faults.values()].reduce((sum, count) => sum + count, 0);
  return `chaos: seed ${seed}: ${runs} runs, ${injected} faults, ${violations.length} violations\n`;
}

/** What all seeds came to, for people. */
export function report(results: readonly SeedResult[]): string {
  const sum = (count: (result: SeedResult) => number): number => results.reduce((all, each) => all + count(each), 0);
  const violations = results.flatMap(({ seed, violations: found }) => found.map((text) => `seed ${seed}: ${text}`));
  const remade = results.flatMap(({ seed, remade: found }) => found.map((text) => `seed ${seed}: ${text}`));
  return [
    '',
    `chaos: ${results.length} seeds, ${results.map(({ seed }) => seed).join(' ')}`,
    `  faults injected   ${counted(results.flatMap(({ faults }) => [...faults]))}`,
    `  runs              ${sum(({ runs }) => runs)}`,
    `  verdicts          ${counted(results.flatMap(({ verdicts }) => verdicts.map((verdict) => [verdict, 1] as const)))}`,
    `  workloads created ${sum(({ jobs }) => jobs)} Jobs, ${sum(({ pods }) => pods)} pods`,
    `  pods made twice   ${remade.length} by the Job controller, around restarts of the API server`,
    ...remade.map((text) => `    ${text}`),
    `  versions checked  ${sum(({ versions }) => versions)} of AgentRuns`,
    `  healed by resync  ${sum(({ healed }) => healed.length)}, a violation unless events were dropped or delayed`,
    `  violations        ${violations.length}`,
    ...violations.map((text) => `    ${text}`),
    '',
  ].join('\n');
}

function counted(entries: readonly (readonly [string, number])[]): string {
  const sums = new Map<string, number>();
  for (const [name, count] of entries) sums.set(name, (sums.get(name) ?? 0) + count);
  const sorted = [...sums].toSorted(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${count}`);
  return sorted.length === 0 ? 'none' : sorted.join(' · ');
}
