import { IsIn, Length } from 'class-validator';
import { ListMap, ListSet, Rule } from '../schema/decorators.js';
import { BOUNDS, PATTERNS } from '../schema/patterns.js';
import { LocalReference } from './reference.types.js';
import { RUNTIME_OVERRIDE_FIELDS, type RuntimeOverrideField } from './runtime-kind.js';

const OBJECT_NAMES = { minLength: 1, maxLength: BOUNDS.name, pattern: PATTERNS.objectName };

/** Repositories that runs may check out, and the credential for them. */
@Rule(
  "!has(self.secretRef) || !self.urlPrefix.startsWith('http://')",
  'a credential is never sent over plain http: use https or ssh, or remove secretRef',
)
export class AllowedRepository {
  /** Start of the URL, compared up to a slash: https://git.example.com/team allows team/app and not team-b/app. */
  @Length(1, BOUNDS.url)
  @Rule(
    "self.matches('^(https?://[^/\\\\s?#@]+|ssh://[^/\\\\s?#]+)(/[^\\\\s?#]*)?$|^[A-Za-z0-9_][-A-Za-z0-9_.]*@[-A-Za-z0-9.]+:[^\\\\s?#]*$')",
    'urlPrefix must begin with https://host, http://host, ssh://user@host or user@host: and hold no credentials',
  )
  urlPrefix!: string;

  /** Secret of type kubernetes.io/basic-auth or kubernetes.io/ssh-auth (with known_hosts); absent checks out without. */
  secretRef?: LocalReference;
}

/** What runs of an Agent may use; what is absent is denied, but for repositories and images. */
export class AgentSecurity {
  /** Service accounts that runs may run as. Absent or empty: none. */
  @ListSet(100, OBJECT_NAMES)
  allowedServiceAccounts?: string[];

  /** Secrets that runs may use in any way: environment, files, volumes, a Memory of their own. Absent or empty: none. */
  @ListSet(100, OBJECT_NAMES)
  allowedSecrets?: string[];

  /** Repositories that runs may check out. Absent: any, without credentials. Empty: none. */
  @ListMap(['urlPrefix'], 100)
  allowedRepositories?: AllowedRepository[];

  /** Patterns of images, compared with the full reference (registry/repository:tag); * stands for any text. Absent: any, but no image of the run for a checkout with a credential. Empty: none. */
  @ListSet(100, { minLength: 1, maxLength: 512 })
  allowedImages?: string[];

  /** PersistentVolumeClaims that runs may mount. Absent or empty: none. */
  @ListSet(100, OBJECT_NAMES)
  allowedVolumeClaims?: string[];

  /** Fields of runtimeOverrides that runs may set, as <runtime>.<field>. Absent or empty: none. */
  @ListSet(100)
  @IsIn(RUNTIME_OVERRIDE_FIELDS, { each: true })
  allowedRuntimeOverrides?: RuntimeOverrideField[];
}
