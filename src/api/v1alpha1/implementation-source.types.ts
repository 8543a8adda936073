import { IsIn, Length, Max, MaxLength, Min } from 'class-validator';
import { Default, ListMap, ListSet, Pattern, Rule, Time } from '../schema/decorators.js';
import { BOUNDS, PATTERNS } from '../schema/patterns.js';
import { StatusCondition } from './condition.types.js';
import { TRACKERS, type Tracker } from './implementation-kind.js';
import { LocalReference, SecretKeyReference } from './reference.types.js';

/** The Secret that a source authenticates with. */
export class SourceSecretReference extends LocalReference {
  /** Key of a token; a Secret with appId, installationId and privateKey authenticates as a GitHub App instead. */
  @Length(1, BOUNDS.name)
  @Pattern(PATTERNS.dataKey)
  @Default('token')
  key?: string;
}

/** How a source authenticates with its tracker. */
export class SourceAuthentication {
  /** Secret with a token, or with the keys of a GitHub App. */
  secretRef!: SourceSecretReference;
}

/** Which issues a source brings in. */
export class SourceScope {
  /** GitHub: one repository, as owner/name. */
  @Length(3, 255)
  @Pattern('^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$')
  repository?: string;

  /** GitHub: every repository of an organization. */
  @Length(1, 100)
  @Pattern('^[A-Za-z0-9-]+$')
  organization?: string;

  /** Linear: key or name of a team. */
  @Length(1, 255)
  team?: string;

  /** Linear: name of a project. */
  @Length(1, 255)
  project?: string;

  /** Only issues that have all of these labels. */
  @ListSet(50, { minLength: 1, maxLength: 255 })
  labels?: string[];

  /** Only issues in one of these states; absent means open (GitHub) or unfinished (Linear). */
  @ListSet(20, { minLength: 1, maxLength: 100 })
  states?: string[];

  /** Only issues that match this text, in the tracker's own search language. */
  @Length(1, 1024)
  query?: string;
}

/** Asking the tracker at intervals. */
export class SourcePoll {
  /** False leaves the webhook as the only trigger. */
  @Default(true)
  enabled?: boolean;

  /** How often changes are asked for. */
  @Min(15)
  @Max(86_400)
  @Default(60)
  intervalSeconds?: number;

  /** How often everything is compared, which finds what was deleted or moved. */
  @Min(60)
  @Max(604_800)
  @Default(3600)
  fullSyncIntervalSeconds?: number;
}

/** Being called by the tracker. */
@Rule(
  '!self.enabled || (has(self.secretRefs) && self.secretRefs.size() > 0)',
  'an enabled webhook needs secretRefs: deliveries without a signature are never accepted',
)
export class SourceWebhook {
  /** True accepts deliveries for this source. */
  @Default(false)
  enabled?: boolean;

  /** Secrets that deliveries are signed with; two while one replaces the other. */
  @ListMap(['name', 'key'], 2)
  secretRefs?: SecretKeyReference[];
}

/** Sync from an issue tracker into ImplementationSpecs. */
@Rule(
  "self.provider != 'github' || (has(self.scope.repository) != has(self.scope.organization) && !has(self.scope.team) && !has(self.scope.project))",
  'provider github needs exactly one of scope.repository and scope.organization, and neither scope.team nor scope.project',
)
@Rule(
  "self.provider != 'linear' || ((has(self.scope.team) || has(self.scope.project)) && !has(self.scope.repository) && !has(self.scope.organization))",
  'provider linear needs scope.team, scope.project or both, and neither scope.repository nor scope.organization',
)
@Rule("!has(self.baseUrl) || self.provider == 'github'", 'baseUrl is for GitHub Enterprise: remove it')
@Rule(
  'self.poll.enabled || (has(self.webhook) && self.webhook.enabled)',
  'enable poll, webhook or both: set suspend to stop syncing',
)
export class ImplementationSourceSpec {
  /** The tracker. */
  @IsIn(TRACKERS)
  provider!: Tracker;

  /** How to authenticate with it. */
  auth!: SourceAuthentication;

  /** Address of the API of a GitHub Enterprise server; absent means the public one. */
  @Length(1, BOUNDS.url)
  @Pattern('^https://[^\\s/?#@]+(/[^\\s?#]*)?$')
  baseUrl?: string;

  /** Which issues to bring in. */
  scope!: SourceScope;

  /** Asking at intervals. */
  @Default({})
  poll?: SourcePoll;

  /** Being called. */
  webhook?: SourceWebhook;

  /** What happens to the ImplementationSpec of an issue that was deleted, closed or left the scope. */
  @IsIn(['Delete', 'Retain'])
  @Default('Delete')
  deletionPolicy?: 'Delete' | 'Retain';

  /** True stops syncing and keeps what is there. */
  suspend?: boolean;
}

/** What the control plane found out about an ImplementationSource. */
export class ImplementationSourceStatus {
  /** Ready: the last sync reached the tracker. */
  @ListMap(['type'], 20)
  conditions?: StatusCondition[];

  /** Where the next sync of changes begins; opaque. */
  @MaxLength(4096)
  cursor?: string;

  /** When something was last synced. */
  @Time()
  lastSyncedAt?: string;

  /** How many issues are in scope. */
  @Min(0)
  issueCount?: number;

  /** Until when the tracker asked to wait; only while it does. */
  @Time()
  rateLimitedUntil?: string;

  /** The generation that the conditions speak of. */
  @Min(0)
  observedGeneration?: number;
}
