import { IsIn, Length, MaxLength, Min } from 'class-validator';
import { AtLeastOneOf, AtomicList, Default, ListMap, ListSet, MapOf, Pattern, Rule } from '../schema/decorators.js';
import { BOUNDS, PATTERNS, RELATIVE_PATH_RULE } from '../schema/patterns.js';
import type { KubernetesObject } from '../meta/object.js';
import { StatusCondition } from './condition.types.js';
import { RULE_FAILURE_CLASSES, type RuleFailureClass } from './failure-class.js';
import { MEMORY_CAPABILITIES, type MemoryCapability } from './memory-kind.js';
import { SecretKeyReference } from './reference.types.js';

const RELATIVE_PATH_MESSAGE = 'the path must stay inside the working directory: remove the ".." segments';

/** A file written before the agent starts. */
export class ProviderInputFile {
  /** Path below the agent's working directory. */
  @Length(1, BOUNDS.path)
  @Pattern(PATTERNS.relativePath)
  @Rule(RELATIVE_PATH_RULE, RELATIVE_PATH_MESSAGE)
  path!: string;

  /** Liquid template of its content. */
  @MaxLength(BOUNDS.text)
  content!: string;
}

/** A file, or the files that a pattern matches, collected after the agent has ended. */
export class ProviderOutputArtifact {
  /** Name of the artifact, unique in the provider. */
  @Length(1, 63)
  @Pattern('^[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?$')
  name!: string;

  /** Path below the agent's working directory; may have wildcards (*, **, ?, [abc], {a,b}). */
  @Length(1, BOUNDS.path)
  @Pattern(PATTERNS.relativePath)
  @Rule(RELATIVE_PATH_RULE, RELATIVE_PATH_MESSAGE)
  path!: string;

  /** End of the key under which it is stored; absent means its name. */
  @Length(1, BOUNDS.path)
  key?: string;

  /** True fails the run when the artifact is missing, or cannot be stored, after a successful exit. */
  required?: boolean;
}

/** A credential of the provider itself, by reference. */
export class ProviderSecretVariable {
  /** Name of the environment variable. */
  @Length(1, BOUNDS.name)
  @Pattern(PATTERNS.envName)
  name!: string;

  /** Secret and key that hold the value; the Agent's security.allowedSecrets must name the Secret. */
  secretRef!: SecretKeyReference;

  /** True leaves the variable out when the Secret or key is missing. */
  optional?: boolean;
}

/** How to tell one failure from another. */
@AtLeastOneOf(['exitCodes', 'outputPattern'], 'set exitCodes, outputPattern or both: a rule without them never matches')
export class FailureRule {
  /** The failure class of an attempt that matches. */
  @IsIn(RULE_FAILURE_CLASSES)
  class!: RuleFailureClass;

  /** The exit code is one of these. */
  @ListSet(50, { minimum: 1, maximum: 255 })
  exitCodes?: number[];

  /** Regular expression (RE2) that is found in the last 64 KiB of the output. */
  @Length(1, 1024)
  outputPattern?: string;
}

/** How an agent is called. Liquid templates see run, agent, implementation, parameters, git, workspace and memory. */
export class AgentProviderSpec {
  /** Path or name of the program. */
  @Length(1, 4096)
  binary!: string;

  /** Liquid templates of its arguments, in order. */
  @AtomicList(100, { maxLength: BOUNDS.argument })
  argsTemplate?: string[];

  /** Liquid templates of environment variables, by name. */
  @MapOf(100, { maxLength: BOUNDS.argument })
  envTemplate?: Record<string, string>;

  /** Files written below the working directory before the start. */
  @ListMap(['path'], 50)
  inputFiles?: ProviderInputFile[];

  /** Files collected after the run. */
  @ListMap(['name'], 50)
  outputArtifacts?: ProviderOutputArtifact[];

  /** Default image of the agent; a run's workload.image comes first, the operator's default last. */
  @Length(1, BOUNDS.url)
  @Pattern(PATTERNS.image)
  image?: string;

  /** Where agent-runner comes from: image (the image has it) or inject (an init container brings it). */
  @IsIn(['image', 'inject'])
  @Default('image')
  runner?: 'image' | 'inject';

  /** Credentials of the provider itself, by reference. */
  @ListMap(['name'], 50)
  secretEnv?: ProviderSecretVariable[];

  /** What the agent needs its Memory to be capable of. */
  @ListSet(3)
  @IsIn(MEMORY_CAPABILITIES, { each: true })
  memoryCapabilities?: MemoryCapability[];

  /** How to tell failures from one another; the first rule that matches decides. */
  @AtomicList(50)
  failureRules?: FailureRule[];
}

/** What the control plane found out about an AgentProvider. */
export class AgentProviderStatus {
  /** Ready: every template parses and uses known variables. */
  @ListMap(['type'], 20)
  conditions?: StatusCondition[];

  /** The generation that the conditions speak of. */
  @Min(0)
  observedGeneration?: number;
}

/** How an agent is called. */
export interface AgentProvider extends KubernetesObject {
  spec: AgentProviderSpec;
  status?: AgentProviderStatus;
}
