import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { keyTemplateProblem } from '../../domain/artifact-store.js';

const DAY_SECONDS = 24 * 60 * 60;
/** As many as an Agent's own `limits.maxConcurrentRuns` may say. */
const MAX_SLOTS = 10_000;
const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;
/** No space and no control character; the registry judges the rest. */
const IMAGE = /^[\x21-\x7e]{1,512}$/;
/** What S3 calls safe in keys: nothing of it needs encoding anywhere, and no segment climbs. */
const KEY_PREFIX = /^(?:(?!\.{1,2}(?:\/|$))[\w!.*'()-]+(?:\/(?!$)|$))*$/;

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

export class HttpConfig {
  @Max(65_535)
  @Min(1)
  @IsInt()
  readonly port!: number;
}

export class LogConfig {
  @IsIn(LOG_LEVELS)
  readonly level!: (typeof LOG_LEVELS)[number];
}

export class KubernetesConfig {
  /** The namespace this process runs in: its Lease is there. */
  @Matches(DNS_LABEL, { message: '$property must be the name of a namespace' })
  readonly namespace!: string;

  /** Where objects are watched: the own namespace, all of them, or those listed. */
  @ValidateIf(({ watchNamespaces }: KubernetesConfig) => Array.isArray(watchNamespaces))
  @Matches(DNS_LABEL, {
    each: true,
    message: '$property must be empty, "*", or names of namespaces separated by commas',
  })
  readonly watchNamespaces!: 'own' | '*' | readonly string[];
}

export class LeaderElectionConfig {
  @Matches(DNS_SUBDOMAIN, { message: '$property must be a valid name of a Lease' })
  readonly leaseName!: string;

  /** Who holds the Lease, for people; a random part is added so that it is never shared by two processes. */
  @MaxLength(253)
  @IsNotEmpty()
  readonly identity!: string;
}

/** How long a failing key waits: doubles from `initialMs` to `maxMs`. */
export class BackOffConfig {
  @Max(60_000)
  @Min(10)
  @IsInt()
  readonly initialMs!: number;

  @ValidateBy({
    name: 'notBelowInitial',
    validator: {
      validate: (value, args) => args?.object instanceof BackOffConfig && Number(value) >= args.object.initialMs,
      defaultMessage: () => '$property must not be less than JANGAR_BACKOFF_INITIAL_MS',
    },
  })
  @Max(3_600_000)
  @IsInt()
  readonly maxMs!: number;
}

export class ManagerConfig {
  @Max(DAY_SECONDS)
  @Min(1)
  @IsInt()
  readonly resyncSeconds!: number;

  @ValidateNested()
  @Type(() => BackOffConfig)
  readonly backOff!: BackOffConfig;

  /** Workers of each reconciler. */
  @Max(256)
  @Min(1)
  @IsInt()
  readonly concurrency!: number;

  @Max(3600)
  @Min(1)
  @IsInt()
  readonly passTimeoutSeconds!: number;

  @Max(3600)
  @Min(0)
  @IsInt()
  readonly shutdownGraceSeconds!: number;
}

/** What runs get when neither they nor their Agent say otherwise. */
export class RunsConfig {
  /** Image of the agent, after the run's and the provider's own. */
  @Matches(IMAGE, { message: '$property must be an image reference' })
  readonly defaultImage!: string;

  /** Image that holds agent-runner: the source of `runner: inject`. */
  @Matches(IMAGE, { message: '$property must be an image reference' })
  readonly runnerImage!: string;

  /** Image of the checkout step: agent-runner and git. */
  @Matches(IMAGE, { message: '$property must be an image reference' })
  readonly checkoutImage!: string;

  @Max(30 * DAY_SECONDS)
  @Min(1)
  @IsInt()
  readonly timeoutSeconds!: number;

  /** How often a failed attempt is repeated. */
  @Max(20)
  @Min(0)
  @IsInt()
  readonly retryLimit!: number;

  @Max(DAY_SECONDS)
  @Min(1)
  @IsInt()
  readonly retryBackoffSeconds!: number;

  @Max(10 * 365 * DAY_SECONDS)
  @Min(0)
  @IsInt()
  readonly ttlSecondsAfterFinished!: number;
}

/** How many runs may hold a slot at the same time, and how an Agent whose service is out is tried again. */
export class AdmissionConfig {
  @Max(MAX_SLOTS)
  @Min(1)
  @IsInt()
  readonly maxRuns!: number;

  @Max(MAX_SLOTS)
  @Min(1)
  @IsInt()
  readonly maxRunsPerNamespace!: number;

  /** For an Agent whose `limits.maxConcurrentRuns` does not say. */
  @Max(MAX_SLOTS)
  @Min(1)
  @IsInt()
  readonly maxRunsPerAgent!: number;

  /** Wait before a paused Agent's first probe; it doubles to 30 minutes. */
  @Max(1800)
  @Min(1)
  @IsInt()
  readonly pauseProbeSeconds!: number;
}

/** The S3-compatible store of artifacts. Its credentials are a Secret of the run's namespace: this process never has them. */
export class ArtifactStoreConfig {
  @ValidateBy({
    name: 'storeEndpoint',
    validator: {
      validate: (value) => typeof value === 'string' && isPlainOrigin(value),
      defaultMessage: () => '$property must be an http or https URL without credentials, query and fragment',
    },
  })
  readonly endpoint!: string;

  @Matches(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, { message: '$property must be the name of a bucket' })
  readonly bucket!: string;

  @Matches(/^[A-Za-z0-9-]{1,63}$/, { message: '$property must be a region' })
  readonly region!: string;

  @MaxLength(512)
  @Matches(KEY_PREFIX, {
    message: "$property must be segments of letters, digits and !_.*'()- with single slashes between them",
  })
  readonly prefix!: string;

  @ValidateBy({
    name: 'keyTemplate',
    validator: {
      validate: (value) => typeof value === 'string' && keyTemplateProblem(value) === undefined,
      defaultMessage: (args) => `$property ${keyTemplateProblem(String(args?.value))}`,
    },
  })
  @MaxLength(512)
  readonly keyTemplate!: string;

  /** Has the keys `accessKeyId` and `secretAccessKey`. */
  @Matches(DNS_SUBDOMAIN, { message: '$property must be the name of a Secret' })
  readonly secretName!: string;

  @IsBoolean()
  readonly forcePathStyle!: boolean;
}

function isPlainOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && [username, password, search, hash].every((part) => part === '');
}

/** Everything the process is told from outside, validated and frozen; the class is its own injection token. */
export class Config {
  @ValidateNested()
  @Type(() => HttpConfig)
  readonly http!: HttpConfig;

  @ValidateNested()
  @Type(() => LogConfig)
  readonly log!: LogConfig;

  @ValidateNested()
  @Type(() => KubernetesConfig)
  readonly kubernetes!: KubernetesConfig;

  @ValidateNested()
  @Type(() => LeaderElectionConfig)
  readonly leaderElection!: LeaderElectionConfig;

  @ValidateNested()
  @Type(() => ManagerConfig)
  readonly manager!: ManagerConfig;

  @ValidateNested()
  @Type(() => RunsConfig)
  readonly runs!: RunsConfig;

  @ValidateNested()
  @Type(() => AdmissionConfig)
  readonly admission!: AdmissionConfig;

  /** Absent: artifacts stay in the workspace, only what is known of them is reported. */
  @IsOptional()
  @ValidateNested()
  @Type(() => ArtifactStoreConfig)
  readonly artifactStore?: ArtifactStoreConfig;
}
