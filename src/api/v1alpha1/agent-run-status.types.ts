import { IsIn, Length, Max, MaxLength, Min } from 'class-validator';
import { ListMap, ListSet, MapOf, Pattern, Time } from '../schema/decorators.js';
import { BOUNDS } from '../schema/patterns.js';
import { StatusCondition } from './condition.types.js';
import {
  FAILURE_CLASSES,
  OPTIONAL_RETRY_CLASSES,
  type FailureClass,
  type OptionalRetryClass,
} from './failure-class.js';
import { RUN_PHASES, type RunPhase } from './run-phase.js';
import { RUNTIME_TYPES, type RuntimeType } from './runtime-kind.js';

/** Identifiers of a workload in its runtime; opaque, nothing parses them. */
export class RuntimeReference {
  /** The runtime. */
  @IsIn(RUNTIME_TYPES)
  type!: RuntimeType;

  /** Name of the workload. */
  @MaxLength(BOUNDS.name)
  name?: string;

  /** Namespace of the workload. */
  @MaxLength(255)
  namespace?: string;

  /** Uid of the workload. */
  @MaxLength(128)
  uid?: string;

  /** Identity of the execution, where a name may be used again. */
  @MaxLength(255)
  runID?: string;

  /** Where a person can look at it. */
  @MaxLength(BOUNDS.url)
  url?: string;
}

/** One attempt, finished or not. */
export class RunAttempt {
  /** Its number, from 1. */
  @Min(1)
  number!: number;

  /** Its workload. */
  runtimeRef?: RuntimeReference;

  /** When its workload was created. */
  @Time()
  submittedAt?: string;

  /** When the agent started. */
  @Time()
  startedAt?: string;

  /** When it ended. */
  @Time()
  finishedAt?: string;

  /** Why it failed. */
  @IsIn(FAILURE_CLASSES)
  failureClass?: FailureClass;

  /** Exit code of the agent, or of the runner for its own verdicts. */
  @Min(0)
  @Max(255)
  exitCode?: number;

  /** What happened, for people. */
  @MaxLength(BOUNDS.message)
  message?: string;
}

/** One artifact that was collected. */
export class RunArtifact {
  /** Its name in the provider; for one of several files, followed by the rest of its path. */
  @Length(1, BOUNDS.path)
  name!: string;

  /** Its path below the agent's working directory. */
  @MaxLength(BOUNDS.path)
  path?: string;

  /** Key of its object, when it is stored. */
  @MaxLength(BOUNDS.path)
  key?: string;

  /** Where it is stored, for whoever has the right to read it. */
  @MaxLength(BOUNDS.url)
  url?: string;

  /** Its size in bytes. */
  @Min(0)
  sizeBytes?: number;

  /** SHA-256 of its content, lower-case hex. */
  @Length(64, 64)
  @Pattern('^[0-9a-f]{64}$')
  sha256?: string;
}

/** What the agent says it used. */
export class RunUsage {
  /** Tokens read. */
  @Min(0)
  inputTokens?: number;

  /** Tokens written. */
  @Min(0)
  outputTokens?: number;

  /** Cost in millionths of a US dollar. */
  @Min(0)
  costMicroUsd?: number;
}

/** What was run, for the record. */
export class ResolvedRun {
  /** Image of the agent's container. */
  @MaxLength(BOUNDS.url)
  image?: string;

  /** Hash of the frozen ExecutionSpec. */
  @MaxLength(128)
  executionSpecHash?: string;

  /** Generation of the Agent. */
  @Min(0)
  agentGeneration?: number;

  /** Generation of the AgentProvider. */
  @Min(0)
  providerGeneration?: number;

  /** Version upstream of the ImplementationSpec. */
  @MaxLength(255)
  implementationSourceVersion?: string;

  /** Name of the Memory; absent when the run has none. */
  @MaxLength(BOUNDS.name)
  memory?: string;

  /** How long one attempt may run. */
  @Min(1)
  timeoutSeconds?: number;

  /** How many times a failed attempt is repeated. */
  @Min(0)
  retryLimit?: number;

  /** Wait before the first repetition; it doubles with each one. */
  @Min(1)
  retryBackoffSeconds?: number;

  /** Failure classes that are repeated beside those that always are. */
  @ListSet(3)
  @IsIn(OPTIONAL_RETRY_CLASSES, { each: true })
  retryOn?: OptionalRetryClass[];

  /** How long the finished run is kept, unless its spec says otherwise by then. */
  @Min(0)
  ttlSecondsAfterFinished?: number;
}

/** How far a run is. */
export class AgentRunStatus {
  /** Summary of the conditions. */
  @IsIn(RUN_PHASES)
  phase?: RunPhase;

  /** Accepted, InvalidSpec, Blocked, InProgress, Succeeded, Failed, Ready, Finished; Stalled when failed or cancelled. */
  @ListMap(['type'], 20)
  conditions?: StatusCondition[];

  /** Why the run is where it is, as one word for programs. */
  @MaxLength(BOUNDS.message)
  reason?: string;

  /** Why the run is where it is, for people. */
  @MaxLength(BOUNDS.message)
  message?: string;

  /** When the run began to wait for a slot. */
  @Time()
  queuedAt?: string;

  /** When the first workload was created. */
  @Time()
  submittedAt?: string;

  /** When the agent first started. */
  @Time()
  startedAt?: string;

  /** When the run reached a terminal state. */
  @Time()
  finishedAt?: string;

  /** Workload of the current or last attempt. */
  runtimeRef?: RuntimeReference;

  /** The last ten attempts. */
  @ListMap(['number'], 10)
  attempts?: RunAttempt[];

  /** Why the run failed. */
  @IsIn(FAILURE_CLASSES)
  failureClass?: FailureClass;

  /** What was collected. */
  @ListMap(['name'], 50)
  artifacts?: RunArtifact[];

  /** What the agent says it used. */
  usage?: RunUsage;

  /** Small values that the agent reports. */
  @MapOf(50, { maxLength: BOUNDS.message })
  outputs?: Record<string, string>;

  /** What was run, for the record. */
  resolved?: ResolvedRun;

  /** The generation that the status speaks of. */
  @Min(0)
  observedGeneration?: number;
}
