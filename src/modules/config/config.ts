import { Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsNotEmpty,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

const DAY_SECONDS = 24 * 60 * 60;
const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;
/** No space and no control character; the registry judges the rest. */
const IMAGE = /^[\x21-\x7e]{1,512}$/;

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
}
