import type { AgentSecurity } from '../../src/api/v1alpha1/agent-security.types.js';
import type { AgentRunSpec } from '../../src/api/v1alpha1/agent-run.types.js';
import { RUNTIME_OVERRIDE_FIELDS } from '../../src/api/v1alpha1/runtime-kind.js';
import { COMPLETE_RUN_SPECS } from '../crd/support/complete-run.js';

/** One way in which a run names something that its Agent has to allow. */
export interface Way {
  asks: Partial<AgentRunSpec>;
  /** The field that names it, as the schema has it: `[]` stands for the items of a list. */
  names: string;
  /** The lists that have to name it; each of them alone is not enough. */
  allowed: AgentSecurity;
  /** Lists of these that allow everything when they are absent. */
  anyWhenAbsent?: readonly (keyof AgentSecurity)[];
  /** Of the Agent, beside the lists. */
  given?: AgentSecurity;
  reason: string;
  /** What the message names. */
  field: string;
}

const URL = 'https://git.example/team/app.git';
const at = (coordinates: object): Partial<AgentRunSpec> => ({
  execution: { coordinates: { git: { url: URL }, ...coordinates } },
});
const volume = (source: object): Partial<AgentRunSpec> => ({
  workload: { volumes: [{ name: 'v', mountPath: '/v', ...source }] },
});

const secret = (asks: Partial<AgentRunSpec>, names: string, field: string, name = 's'): Way => ({
  asks,
  names,
  field,
  allowed: { allowedSecrets: [name] },
  reason: 'SecretNotAllowed',
});

const claim = (asks: Partial<AgentRunSpec>, names: string, field: string): Way => ({
  asks,
  names,
  field,
  allowed: { allowedVolumeClaims: ['c'] },
  reason: 'VolumeClaimNotAllowed',
});

const image = (asks: Partial<AgentRunSpec>, names: string): Way => ({
  asks,
  names,
  field: names,
  allowed: { allowedImages: ['registry.example/*'] },
  anyWhenAbsent: ['allowedImages'],
  reason: 'ImageNotAllowed',
});

const repository = (url: string, urlPrefix: string): Way => ({
  asks: at({ git: { url } }),
  names: 'spec.execution.coordinates.git.url',
  field: `execution.coordinates.git.url "${url}"`,
  allowed: { allowedRepositories: [{ urlPrefix }] },
  anyWhenAbsent: ['allowedRepositories'],
  reason: 'RepositoryNotAllowed',
});

const IMAGE = 'registry.example/tool:1';
const WORKSPACE_IMAGE = image(at({ workspace: { image: IMAGE } }), 'spec.execution.coordinates.workspace.image');

/** Every field of a run that names a Secret, a claim, a service account, an image or a repository. */
const NAMES: Record<string, Way> = {
  'a Secret whole, as environment': secret({ secrets: [{ name: 's' }] }, 'spec.secrets[].name', 'spec.secrets[0].name'),
  'some keys of a Secret': secret(
    { secrets: [{ name: 's', keys: [{ key: 'k', env: 'K' }] }] },
    'spec.secrets[].name',
    'spec.secrets[0].name',
  ),
  'a Secret as files': secret(
    { secrets: [{ name: 's', mountPath: '/s' }] },
    'spec.secrets[].name',
    'spec.secrets[0].name',
  ),
  'a Secret as a volume': secret(
    volume({ secret: { secretName: 's' } }),
    'spec.workload.volumes[].secret.secretName',
    'spec.workload.volumes[0].secret.secretName',
  ),
  'a Secret through a Memory that is not its Agent’s': secret(
    { memoryRef: { name: 'other' } },
    'spec.memoryRef.name',
    'spec.memoryRef (through the Memory)',
    'other-dsn',
  ),
  'a service account': {
    asks: { workload: { serviceAccountName: 'builder' } },
    names: 'spec.workload.serviceAccountName',
    field: 'spec.workload.serviceAccountName',
    allowed: { allowedServiceAccounts: ['builder'] },
    reason: 'ServiceAccountNotAllowed',
  },
  'a service account of an executor': {
    asks: { runtimeOverrides: { argo: { executorServiceAccountName: 'builder' } } },
    names: 'spec.runtimeOverrides.argo.executorServiceAccountName',
    field: 'spec.runtimeOverrides.argo.executorServiceAccountName',
    allowed: { allowedServiceAccounts: ['builder'] },
    given: { allowedRuntimeOverrides: ['argo.executorServiceAccountName'] },
    reason: 'ServiceAccountNotAllowed',
  },
  'a claim as the workspace': claim(
    at({ workspace: { volume: { claimName: 'c' } } }),
    'spec.execution.coordinates.workspace.volume.claimName',
    'spec.execution.coordinates.workspace.volume.claimName',
  ),
  'a claim as a volume': claim(
    volume({ persistentVolumeClaim: { claimName: 'c' } }),
    'spec.workload.volumes[].persistentVolumeClaim.claimName',
    'spec.workload.volumes[0].persistentVolumeClaim.claimName',
  ),
  'an image for the agent': image({ workload: { image: IMAGE } }, 'spec.workload.image'),
  'an image for the checkout': WORKSPACE_IMAGE,
  'an image for a checkout that gets a credential': {
    ...WORKSPACE_IMAGE,
    anyWhenAbsent: [],
    given: { allowedRepositories: [{ urlPrefix: 'https://git.example/team', secretRef: { name: 'deploy' } }] },
  },
  'a repository over https': repository(URL, 'https://git.example/team'),
  'a repository over ssh': repository('ssh://git@git.example/team/app', 'ssh://git@git.example/team'),
  'a repository in scp form': repository('git@git.example:team/app', 'ssh://git@git.example/team'),
};

/** Every field of `runtimeOverrides`, with the values that the schema's own tests give them. */
const OVERRIDES = Object.fromEntries(
  RUNTIME_OVERRIDE_FIELDS.map((path): [string, Way] => {
    const [runtime = '', field = ''] = path.split('.');
    const complete = COMPLETE_RUN_SPECS[0]?.runtimeOverrides as Record<string, Record<string, unknown>>;
    return [
      `the override ${path}`,
      {
        asks: { runtimeOverrides: { [runtime]: { [field]: complete[runtime]?.[field] } } },
        names: `spec.runtimeOverrides.${path}`,
        field: `spec.runtimeOverrides.${path}`,
        allowed: { allowedRuntimeOverrides: [path] },
        given: { allowedServiceAccounts: ['argo'] },
        reason: 'OverrideNotAllowed',
      },
    ];
  }),
);

export const WAYS: Readonly<Record<string, Way>> = { ...NAMES, ...OVERRIDES };
