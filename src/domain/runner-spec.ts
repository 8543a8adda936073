import type { FailureRule } from '../api/v1alpha1/agent-provider.types.js';

/** Version of the file that agent-runner reads. A runner refuses any other (docs/spec/v1alpha1/agentrun.md, "The runner's contract"). */
export const RUNNER_SCHEMA_VERSION = 'agents.proompteng.ai/runner/v1';

/** One file written below the agent's working directory before it starts; `path` is relative and never leaves it. */
export interface InputFile {
  path: string;
  content: string;
}

/** One output collected after the agent has ended; `path` is relative to the agent's working directory. */
export interface OutputArtifact {
  name: string;
  path: string;
  key?: string;
  required?: boolean;
}

/** What the checkout step clones. `ref` is a branch, tag or commit SHA; absent means the remote's HEAD. */
export interface GitCheckout {
  url: string;
  ref?: string;
  path?: string;
  depth?: number;
}

/**
 * Everything agent-runner needs, already rendered: text in here is data and is never interpreted again.
 * Read from the file that AGENT_RUNNER_SPEC_PATH names.
 */
export interface RunnerSpec {
  schemaVersion: typeof RUNNER_SCHEMA_VERSION;
  workspace: {
    /** Mount path of the workspace volume; the repository is cloned into `<root>/repository`. */
    root: string;
  };
  git?: GitCheckout;
  command: {
    binary: string;
    args: string[];
    /** Merged over the container's own environment. */
    env: Record<string, string>;
  };
  inputFiles: InputFile[];
  outputArtifacts: OutputArtifact[];
  /** Where artifacts are handed over to be stored; absent: they stay where they are. */
  artifactStore?: { socket: string };
  /** What an exit code other than 0 means; the first rule that matches decides. */
  failureRules?: FailureRule[];
  /** Wall-clock limit of one attempt, counted from the start of the binary; past it: TERM, grace, KILL, exit code 124. */
  timeoutSeconds: number;
  /** Between TERM and KILL, on the deadline as well as on a forwarded SIGTERM. */
  gracePeriodSeconds: number;
  /** Names of environment variables whose values (8 characters and longer) are masked in output. */
  maskEnv: string[];
  /** Directories of mounted Secrets; the content of each file in them (8 characters and longer) is masked in output. */
  maskDirectories: string[];
}

/** One artifact as the runner found it. */
export interface CollectedArtifact {
  name: string;
  path: string;
  /** As its provider has it; as the control plane reports it: the whole key, of one that is stored. */
  key?: string;
  /** Never in the termination message: the control plane knows where the store is, and does not take it from there. */
  url?: string;
  sizeBytes: number;
  /** Lower-case hex. */
  sha256: string;
  /** Whether it is in the store, under its key below the attempt's prefix. */
  stored?: true;
}

/**
 * The termination message: detail for people, never a verdict (the exit code and the container's state are).
 * At most 4,096 bytes of JSON: when it would be longer, artifacts and texts are dropped or cut and `truncated` is true.
 */
export interface RunnerReport {
  schemaVersion: typeof RUNNER_SCHEMA_VERSION;
  /** Why the runner itself ended the run; absent when the exit code is the agent's own. */
  failure?:
    | 'Timeout'
    | 'ArtifactMissing'
    | 'UploadFailed'
    | 'NotFound'
    | 'NotExecutable'
    | 'InvalidSpec'
    | 'CheckoutFailed'
    | 'Terminated'
    | 'RunnerError';
  /** What a failure rule made of it, else what the agent said of its own failure in status.json; a hint. */
  failureClass?: string;
  message?: string;
  exitCode: number;
  artifacts: CollectedArtifact[];
  usage?: { inputTokens?: number; outputTokens?: number; costMicroUsd?: number };
  outputs?: Record<string, string>;
  truncated?: true;
}
