import { describe, expect, it } from '@jest/globals';
import { aMemory, anAgent, anImplementation, aProvider, aRun } from '../../../test/support/builders/objects.js';
import { Page, tableRows } from '../../../test/support/markdown.js';
import type { Example, Said } from '../../../test/support/precedence-examples.js';
import { PRECEDENCE } from '../../../test/support/run-precedence.js';
import type { AgentSecurity } from '../../api/v1alpha1/agent-security.types.js';
import { RUNTIME_OVERRIDE_FIELDS } from '../../api/v1alpha1/runtime-kind.js';
import { readConfig } from '../config/config.reader.js';
import { resolveExecution } from './execution.resolve.js';
import { resolvedOf } from './frozen.manifest.js';
import { resolveReferences } from './references.resolve.js';

/** Lets the run name everything that the table does. */
const security: AgentSecurity = {
  allowedSecrets: ['s', 'of-run-dsn'],
  allowedServiceAccounts: ['builder'],
  allowedRuntimeOverrides: [...RUNTIME_OVERRIDE_FIELDS],
};

function made({ run, agent, provider, memories = {}, env }: Said): Parameters<Example['read']> {
  const subject = aRun(run);
  const gathered = {
    agent: anAgent({ ...agent, security }),
    provider: aProvider(provider),
    implementation: anImplementation(),
    memories: Object.entries(memories).map(([name, spec]) => aMemory(name, spec)),
  };
  const references = resolveReferences(subject, gathered, new Set(['job']));
  if ('kind' in references) throw new Error(references.message);
  const { runs } = readConfig({
    env: { JANGAR_RUNNER_IMAGE: 'runner:1', ...env },
    serviceAccountNamespace: () => 'agents',
    hostname: () => 'host',
  });
  const resolution = resolveExecution(subject, references, runs);
  if (resolution.kind !== 'ready') throw new Error(resolution.message);
  return [resolution.execution, resolvedOf(resolution.execution)];
}

/** Everything that is said, together: no two cells of a line speak of the same field. */
function together(all: readonly Said[]): Said {
  return all.reduce<Record<string, unknown>>((sum, said) => merge(sum, { ...said }), {});
}

function merge(a: Record<string, unknown>, b: Record<string, unknown>): Record<string, unknown> {
  const isMap = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const both = Object.entries(b).map(([key, value]) => {
    const other = a[key];
    return [key, isMap(value) && isMap(other) ? merge(other, value) : value];
  });
  return { ...a, ...(Object.fromEntries(both) as Record<string, unknown>) };
}

const rows = PRECEDENCE.flatMap(({ what, cells, examples }) =>
  Object.entries(examples).flatMap(([name, { levels, read }]) =>
    cells.map((cell, index): [string, string, Said, unknown, Example['read']] => {
      const [said, value] = levels[index] ?? [{}, 'no level for this cell'];
      return [
        `${what} (${name})`,
        cell,
        together([said, ...levels.slice(index + 1).map(([less]) => less)]),
        value,
        read,
      ];
    }),
  ),
);

describe('which value counts', () => {
  it.each(rows)('%s: %s, whatever the cells after it say', (_what, _cell, said, value, read) => {
    expect(read(...made(said))).toEqual(value);
  });

  it('tries each cell with a value of its own', () => {
    for (const { cells, examples } of PRECEDENCE) {
      for (const { levels } of Object.values(examples)) {
        expect(new Set(levels.map(([, value]) => JSON.stringify(value))).size).toBe(cells.length);
      }
    }
  });

  it('is what the documentation says', () => {
    const documented = tableRows(new Page('docs/spec/v1alpha1/agentrun.md').section('Which value counts'));
    expect(documented.map((cells) => cells.filter((cell) => cell !== ''))).toEqual(
      PRECEDENCE.map(({ what, cells }) => [what, ...cells]),
    );
  });
});
