/**
 * Where the control plane puts things in the agent's container and agent-runner finds them
 * (docs/spec/v1alpha1/agentrun.md, "The runner's contract").
 */
export const RUNNER_PATHS = {
  /** Where an image that hosts agent-runner has it. */
  binary: '/usr/local/bin/agent-runner',
  /** Mount of the frozen spec's files. */
  specDirectory: '/etc/agent-run',
  runnerSpec: '/etc/agent-run/runner.json',
  agentInput: '/etc/agent-run/run.json',
  /** Mount of the repository's credentials, in the checkout step only. */
  gitCredentials: '/etc/agent-run-git',
  /** Parent of read-only copies of Secrets that reach the agent as environment: the masker needs their values. */
  maskedSecrets: '/etc/agent-run-secrets',
  /** Default mount of the workspace volume. */
  workspace: '/workspace',
  /** The repository is cloned into this sub-directory of the workspace: git refuses a volume's root as "dubious ownership". */
  repository: 'repository',
  home: '/home/agent',
  temp: '/tmp',
  /** Where `runner: inject` brings agent-runner and its Node. */
  injected: '/run/agent-runner',
  /** Shared by the agent's container and the one that stores artifacts; the socket is all that is in it. */
  store: '/run/agent-run-store',
  storeSocket: '/run/agent-run-store/store.sock',
} as const;

/** How long an agent that has ended may keep its pod with its artifacts: two of the largest from a slow disk, or sent. */
export const COLLECTION_SECONDS = { read: 120, stored: 600 } as const;

/** Variables of the agent's container; an Agent's or a run's own environment cannot set them. */
export const RUNNER_ENV = {
  runnerSpec: 'AGENT_RUNNER_SPEC_PATH',
  agentInput: 'AGENT_RUN_SPEC',
  attempt: 'AGENT_RUN_ATTEMPT',
  runName: 'AGENT_RUN_NAME',
  runNamespace: 'AGENT_RUN_NAMESPACE',
  runUid: 'AGENT_RUN_UID',
  status: 'AGENT_STATUS_PATH',
} as const;

/** Variables of the container that stores artifacts. No other container has them. */
export const STORE_ENV = {
  /** JSON: socket, endpoint, region, bucket, forcePathStyle, keyPrefix. */
  settings: 'AGENT_STORE',
  accessKeyId: 'AGENT_STORE_ACCESS_KEY_ID',
  secretAccessKey: 'AGENT_STORE_SECRET_ACCESS_KEY',
} as const;

/**
 * Variables that change how a process starts: which program and which code it loads. A value by reference is in the
 * container's environment, so agent-runner's own Node would heed it before the agent exists; a run cannot name one.
 */
export const START_ENV: readonly string[] = [
  'PATH',
  'LD_PRELOAD',
  'LD_LIBRARY_PATH',
  'LD_AUDIT',
  'NODE_OPTIONS',
  'NODE_PATH',
  'OPENSSL_CONF',
];

/** Keys of the frozen ConfigMap; all but `execution` are mounted into the pod. */
export const FROZEN_KEYS = {
  execution: 'execution.json',
  runnerSpec: 'runner.json',
  agentInput: 'run.json',
  /** ssh refuses to run under a uid without an entry. */
  passwd: 'passwd',
} as const;

/** The runner's own exit codes; any other is the agent's (128+n when a signal ended it). */
export const RUNNER_EXIT = { deadline: 124, runner: 125, notExecutable: 126, notFound: 127 } as const;
