import { describe, expect, it } from '@jest/globals';
import { anAgent, anImplementation, aProvider, aRun } from '../../../test/support/builders/objects.js';
import { operatorDefaults } from '../../../test/support/builders/operator.js';
import { resolveExecution } from './execution.resolve.js';
import { frozenManifest, readFrozen, resolvedOf, type FrozenConfigMap } from './frozen.manifest.js';

/** What a run becomes that may use the Secret `s`. */
function execution(run = aRun()) {
  const references = {
    agent: anAgent({ security: { allowedSecrets: ['s'] } }),
    provider: aProvider({ argsTemplate: ['{{ run.uid }}'] }),
    implementation: anImplementation(),
    runtime: 'job' as const,
  };
  const resolution = resolveExecution(run, references, operatorDefaults());
  if (resolution.kind !== 'ready') throw new Error(`${resolution.reason}: ${resolution.message}`);
  return resolution.execution;
}

describe('a frozen execution', () => {
  const frozen = frozenManifest(aRun(), execution()) as FrozenConfigMap & { immutable: boolean };

  it('is immutable and goes with its run', () => {
    expect(frozen).toMatchObject({
      immutable: true,
      metadata: {
        ownerReferences: [{ kind: 'AgentRun', uid: 'uid-fix-login', controller: true, blockOwnerDeletion: false }],
      },
    });
  });

  it('is read back as it was written, and hashes the same', () => {
    const written = execution();
    expect(readFrozen(frozen)).toEqual(written);
    expect(resolvedOf(readFrozen(frozen))).toEqual(resolvedOf(written));
    expect(resolvedOf(written)).toMatchObject({ image: 'operator/agent:1', agentGeneration: 1, providerGeneration: 1 });
  });

  it('of an earlier version, which had no policy, gives a status none', () => {
    const old = { ...(JSON.parse(frozen.data?.['execution.json'] ?? '') as object), policy: undefined };
    const data = { ...frozen.data, 'execution.json': JSON.stringify(old) };
    const resolved = resolvedOf(readFrozen({ ...frozen, data }));
    expect(resolved).toMatchObject({ image: 'operator/agent:1', timeoutSeconds: 3600 });
    expect(resolved).not.toHaveProperty('retryLimit');
  });

  it('gives the uid of the agent a passwd entry', () => {
    expect(frozen.data?.passwd).toContain('agent:x:65532:65532:agent:/home/agent:/bin/sh\n');
  });

  it('holds no value of a Secret, only names', () => {
    const withSecret = execution(aRun({ secrets: [{ name: 's', keys: [{ key: 'k', env: 'K' }] }] }));
    expect(withSecret.env).toEqual([{ name: 'K', secret: { name: 's', key: 'k' } }]);
    expect(withSecret.runnerSpec.command.env).toEqual({});
  });
});
