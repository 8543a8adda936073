import { describe, expect, it } from '@jest/globals';
import { aMemory, anAgent, aRun } from '../../../test/support/builders/objects.js';
import type { AgentSecurity } from '../../api/v1alpha1/agent-security.types.js';
import type { AgentRunSpec } from '../../api/v1alpha1/agent-run.types.js';
import { policyProblem } from './policy.resolve.js';

const git = { url: 'https://git.example/team/app.git' };

interface Row {
  asks: Partial<AgentRunSpec>;
  allowed: AgentSecurity;
  reason: string;
  field: string;
}

const ROWS: Record<string, Row> = {
  'a Secret as environment or files': {
    asks: { secrets: [{ name: 's' }] },
    allowed: { allowedSecrets: ['s'] },
    reason: 'SecretNotAllowed',
    field: 'spec.secrets[0].name',
  },
  'a Secret as a volume': {
    asks: { workload: { volumes: [{ name: 'v', mountPath: '/v', secret: { secretName: 's' } }] } },
    allowed: { allowedSecrets: ['s'] },
    reason: 'SecretNotAllowed',
    field: 'spec.workload.volumes[0].secret.secretName',
  },
  "a Secret through a Memory that is not the Agent's": {
    asks: { memoryRef: { name: 'other' } },
    allowed: { allowedSecrets: ['other-dsn'] },
    reason: 'SecretNotAllowed',
    field: 'spec.memoryRef',
  },
  'a service account': {
    asks: { workload: { serviceAccountName: 'builder' } },
    allowed: { allowedServiceAccounts: ['builder'] },
    reason: 'ServiceAccountNotAllowed',
    field: 'spec.workload.serviceAccountName',
  },
  'a service account of an executor': {
    asks: { runtimeOverrides: { argo: { executorServiceAccountName: 'builder' } } },
    allowed: { allowedServiceAccounts: ['builder'], allowedRuntimeOverrides: ['argo.executorServiceAccountName'] },
    reason: 'ServiceAccountNotAllowed',
    field: 'spec.runtimeOverrides.argo.executorServiceAccountName',
  },
  'a claim as the workspace': {
    asks: { execution: { coordinates: { git, workspace: { volume: { claimName: 'c' } } } } },
    allowed: { allowedVolumeClaims: ['c'] },
    reason: 'VolumeClaimNotAllowed',
    field: 'spec.execution.coordinates.workspace.volume.claimName',
  },
  'a claim as a volume': {
    asks: { workload: { volumes: [{ name: 'v', mountPath: '/v', persistentVolumeClaim: { claimName: 'c' } }] } },
    allowed: { allowedVolumeClaims: ['c'] },
    reason: 'VolumeClaimNotAllowed',
    field: 'spec.workload.volumes[0].persistentVolumeClaim.claimName',
  },
  'an override': {
    asks: { runtimeOverrides: { job: { nodeSelector: { pool: 'gpu' } } } },
    allowed: { allowedRuntimeOverrides: ['job.nodeSelector'] },
    reason: 'OverrideNotAllowed',
    field: 'spec.runtimeOverrides.job.nodeSelector',
  },
};

describe('what a run names is denied unless its Agent allows it', () => {
  it.each(Object.entries(ROWS))(
    '%s [Agent spec.security.{allowedSecrets,allowedServiceAccounts,allowedVolumeClaims,allowedRuntimeOverrides}]',
    (_name, { asks, allowed, reason, field }) => {
      const memory = asks.memoryRef && aMemory('other');
      const problem = (security?: AgentSecurity) =>
        policyProblem(aRun(asks), anAgent(security && { security }), memory);
      const emptied = Object.fromEntries(Object.keys(allowed).map((list) => [list, []]));
      for (const security of [undefined, {}, emptied]) {
        expect(problem(security)).toMatchObject({ kind: 'invalid', reason });
        expect(problem(security)?.message).toContain(field);
        expect(problem(security)?.message).toContain('Agent "coder"');
      }
      expect(problem(allowed)).toBeUndefined();
    },
  );

  it("allows the Agent's own Memory, which its admin chose", () => {
    const agent = anAgent({ memoryRef: { name: 'own' } });
    expect(policyProblem(aRun({ memoryRef: { name: 'own' } }), agent, aMemory('own'))).toBeUndefined();
  });

  it('denies each further name when only the first is allowed', () => {
    const run = aRun({ secrets: [{ name: 'a' }, { name: 'b' }] });
    const problem = policyProblem(run, anAgent({ security: { allowedSecrets: ['a'] } }), undefined);
    expect(problem?.message).toContain('spec.secrets[1].name: the Secret "b"');
  });
});

describe('images', () => {
  const asks: [string, Partial<AgentRunSpec>][] = [
    ['spec.workload.image', { workload: { image: 'evil/agent:1' } }],
    [
      'spec.execution.coordinates.workspace.image',
      { execution: { coordinates: { git, workspace: { image: 'evil/agent:1' } } } },
    ],
  ];

  it.each(asks)(
    'of %s are anything when no patterns are given, and nothing when the list is empty [Agent spec.security.allowedImages]',
    (field, spec) => {
      expect(policyProblem(aRun(spec), anAgent(), undefined)).toBeUndefined();
      const none = policyProblem(aRun(spec), anAgent({ security: { allowedImages: [] } }), undefined);
      expect(none).toMatchObject({ reason: 'ImageNotAllowed' });
      expect(none?.message).toContain(field);
      const some = anAgent({ security: { allowedImages: ['docker.io/evil/*'] } });
      expect(policyProblem(aRun(spec), some, undefined)).toBeUndefined();
    },
  );

  it('of the provider and the operator are not the run’s to answer for', () => {
    expect(policyProblem(aRun(), anAgent({ security: { allowedImages: [] } }), undefined)).toBeUndefined();
  });
});
