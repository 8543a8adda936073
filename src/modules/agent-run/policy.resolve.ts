import type { Agent } from '../../api/v1alpha1/agent.types.js';
import type { AgentSecurity } from '../../api/v1alpha1/agent-security.types.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import type { Memory } from '../../api/v1alpha1/memory.types.js';
import { INVALID_REASONS, type InvalidReason } from '../../api/v1alpha1/reasons.js';
import { RUNTIME_OVERRIDE_FIELDS, type RuntimeOverrideField } from '../../api/v1alpha1/runtime-kind.js';
import { imageMatches } from './image.resolve.js';
import type { Invalid } from './state.types.js';

/** One thing that a run names, and where. */
interface Named {
  field: string;
  value: string;
}

/**
 * Checks everything a run can name against its Agent's allow-lists; what is not listed is denied. Repositories are
 * `repository.resolve.ts`'s.
 * @param memory the Memory that the run itself names, if it does
 */
export function policyProblem(run: AgentRun, agent: Agent, memory: Memory | undefined): Invalid | undefined {
  const security = agent.spec.security ?? {};
  return (
    denied(secretsOf(run, agent, memory), security.allowedSecrets, agent, {
      reason: INVALID_REASONS.SecretNotAllowed,
      kind: 'Secret',
      list: 'allowedSecrets',
    }) ??
    denied(serviceAccountsOf(run), security.allowedServiceAccounts, agent, {
      reason: INVALID_REASONS.ServiceAccountNotAllowed,
      kind: 'service account',
      list: 'allowedServiceAccounts',
    }) ??
    denied(claimsOf(run), security.allowedVolumeClaims, agent, {
      reason: INVALID_REASONS.VolumeClaimNotAllowed,
      kind: 'PersistentVolumeClaim',
      list: 'allowedVolumeClaims',
    }) ??
    denied(overridesOf(run), security.allowedRuntimeOverrides, agent, {
      reason: INVALID_REASONS.OverrideNotAllowed,
      kind: 'field',
      list: 'allowedRuntimeOverrides',
    }) ??
    imageProblem(run, agent)
  );
}

function denied(
  named: readonly Named[],
  allowed: readonly string[] | undefined,
  agent: Agent,
  rule: { reason: InvalidReason; kind: string; list: keyof AgentSecurity },
): Invalid | undefined {
  const refused = named.find(({ value }) => !allowed?.includes(value));
  if (!refused) return undefined;
  const message = `${refused.field}: the ${rule.kind} "${refused.value}" is not allowed; an admin can add it to spec.security.${rule.list} of Agent "${agent.metadata.name}", then create a new run`;
  return { kind: 'invalid', reason: rule.reason, message };
}

function imageProblem(run: AgentRun, agent: Agent): Invalid | undefined {
  const patterns = agent.spec.security?.allowedImages;
  if (!patterns) return undefined;
  const images: Named[] = [
    ...present('spec.workload.image', run.spec.workload?.image),
    ...present('spec.execution.coordinates.workspace.image', run.spec.execution.coordinates.workspace?.image),
  ];
  const refused = images.find(({ value }) => !patterns.some((pattern) => imageMatches(pattern, value)));
  if (!refused) return undefined;
  const message = `${refused.field}: the image "${refused.value}" matches no pattern of spec.security.allowedImages of Agent "${agent.metadata.name}"`;
  return { kind: 'invalid', reason: INVALID_REASONS.ImageNotAllowed, message };
}

/**
 * The checkout step alone gets the repository's credential: an image that a run chooses for it must be allowed in words, an
 * absent `allowedImages` is no permission. Asked when the repository has a credential.
 */
export function checkoutImageProblem({ spec }: AgentRun, agent: Agent): Invalid | undefined {
  const image = spec.execution.coordinates.workspace?.image;
  const patterns = agent.spec.security?.allowedImages ?? [];
  if (image === undefined || patterns.some((pattern) => imageMatches(pattern, image))) return undefined;
  const message = `spec.execution.coordinates.workspace.image: the image "${image}" would get the credential of the repository; leave it out, or an admin adds a pattern for it to spec.security.allowedImages of Agent "${agent.metadata.name}", then create a new run`;
  return { kind: 'invalid', reason: INVALID_REASONS.ImageNotAllowed, message };
}

function secretsOf(run: AgentRun, agent: Agent, memory: Memory | undefined): Named[] {
  const { secrets = [], workload } = run.spec;
  // The Agent's own Memory is its admin's choice; one that a run picks is a way to name a Secret.
  const foreign = run.spec.memoryRef && run.spec.memoryRef.name !== agent.spec.memoryRef?.name;
  return [
    ...secrets.map(({ name }, index) => ({ field: `spec.secrets[${index}].name`, value: name })),
    ...(workload?.volumes ?? []).flatMap((volume, index) =>
      present(`spec.workload.volumes[${index}].secret.secretName`, volume.secret?.secretName),
    ),
    ...(foreign ? present('spec.memoryRef (through the Memory)', memory?.spec.connection.secretRef.name) : []),
  ];
}

function serviceAccountsOf({ spec }: AgentRun): Named[] {
  return [
    ...present('spec.workload.serviceAccountName', spec.workload?.serviceAccountName),
    ...present(
      'spec.runtimeOverrides.argo.executorServiceAccountName',
      spec.runtimeOverrides?.argo?.executorServiceAccountName,
    ),
  ];
}

function claimsOf({ spec }: AgentRun): Named[] {
  return [
    ...present(
      'spec.execution.coordinates.workspace.volume.claimName',
      spec.execution.coordinates.workspace?.volume?.claimName,
    ),
    ...(spec.workload?.volumes ?? []).flatMap((volume, index) =>
      present(
        `spec.workload.volumes[${index}].persistentVolumeClaim.claimName`,
        volume.persistentVolumeClaim?.claimName,
      ),
    ),
  ];
}

function overridesOf({ spec }: AgentRun): Named[] {
  return RUNTIME_OVERRIDE_FIELDS.filter((field) => isSet(spec.runtimeOverrides, field)).map((field) => ({
    field: `spec.runtimeOverrides.${field}`,
    value: field,
  }));
}

function isSet(overrides: AgentRun['spec']['runtimeOverrides'], path: RuntimeOverrideField): boolean {
  const [runtime, field] = path.split('.') as [keyof NonNullable<typeof overrides>, string];
  const block: object | undefined = overrides?.[runtime];
  return block !== undefined && Object.hasOwn(block, field);
}

function present(field: string, value: string | undefined): Named[] {
  return value === undefined ? [] : [{ field, value }];
}
