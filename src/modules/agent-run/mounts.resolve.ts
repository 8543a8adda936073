import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import { INVALID_REASONS } from '../../api/v1alpha1/reasons.js';
import { RUNNER_PATHS } from '../../domain/runner-contract.js';
import type { Invalid } from './state.types.js';

/** One mount that a run asks for, and where. */
interface Mount {
  field: string;
  path: string;
}

/** The runner's own files: what lies over or below them could replace its spec, its program or what it masks. */
const RUNNER_OWN = [
  RUNNER_PATHS.binary,
  RUNNER_PATHS.specDirectory,
  RUNNER_PATHS.gitCredentials,
  RUNNER_PATHS.maskedSecrets,
  RUNNER_PATHS.injected,
  // Most images have /var/run as a link to /run.
  `/var${RUNNER_PATHS.injected}`,
  RUNNER_PATHS.store,
  `/var${RUNNER_PATHS.store}`,
  '/etc/passwd',
];

/** The kernel's files, and the image's programs and libraries, among them the Node that runs agent-runner. */
const SYSTEM = ['/bin', '/dev', '/lib', '/lib64', '/proc', '/sbin', '/sys', '/usr'];

/** A volume below these is the run's own affair: they begin empty, so no link in them leads elsewhere. */
const SCRATCH = [RUNNER_PATHS.home, RUNNER_PATHS.temp];

/**
 * Whether what a run mounts leaves the runner and the image alone, and each mount apart from the others. A mount below
 * another of the run, the workspace included, follows the links that it finds there, to any place.
 */
export function mountProblem(run: AgentRun): Invalid | undefined {
  const mounts = mountsOf(run);
  for (const [index, mount] of mounts.entries()) {
    const { path } = mount;
    if (/\/\/|\/\.{1,2}(\/|$)|\/$/.test(path)) return denied(mount, 'is not a plain path');
    const taken =
      [...RUNNER_OWN, ...SYSTEM].find((own) => isWithin(path, own) || isWithin(own, path)) ??
      SCRATCH.find((scratch) => isWithin(scratch, path));
    if (taken !== undefined) return denied(mount, `covers or lies below ${taken}, which is not the run's`);
    const other = mounts.slice(0, index).find((each) => isWithin(path, each.path) || isWithin(each.path, path));
    if (other) return denied(mount, `covers or lies below the mount of ${other.field}`);
  }
  return undefined;
}

function mountsOf({ spec }: AgentRun): Mount[] {
  const { workspace } = spec.execution.coordinates;
  return [
    {
      field: workspace?.mountPath === undefined ? 'the workspace' : 'spec.execution.coordinates.workspace.mountPath',
      path: workspace?.mountPath ?? RUNNER_PATHS.workspace,
    },
    ...(spec.workload?.volumes ?? []).map(({ mountPath: path }, index) => ({
      field: `spec.workload.volumes[${index}].mountPath`,
      path,
    })),
    ...(spec.secrets ?? []).flatMap(({ mountPath: path }, index) =>
      path === undefined ? [] : [{ field: `spec.secrets[${index}].mountPath`, path }],
    ),
  ];
}

/** Whether a path is a directory or lies below it. */
function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

function denied({ field, path }: Mount, why: string): Invalid {
  const message = `${field}: "${path}" ${why}; choose another path in a new run`;
  return { kind: 'invalid', reason: INVALID_REASONS.MountNotAllowed, message };
}
