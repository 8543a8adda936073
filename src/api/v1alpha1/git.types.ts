import { Length, Max, Min } from 'class-validator';
import { ExactlyOneOf, IsQuantity, Pattern, Rule } from '../schema/decorators.js';
import { BOUNDS, MOUNT_PATH_MESSAGE, MOUNT_PATH_RULE, PATTERNS, RELATIVE_PATH_RULE } from '../schema/patterns.js';
import type { Quantity } from './workload.types.js';

/** The repository that a run works on. Credentials are the Agent's (security.allowedRepositories), never the run's. */
export class GitCoordinates {
  /** URL of the repository: https://host/path, ssh://user@host/path, user@host:path, or http://host/path. */
  @Length(1, BOUNDS.url)
  @Rule(
    "self.matches('^(https?://[^/\\\\s?#]+/|ssh://[^/\\\\s?#]+/|[A-Za-z0-9_][-A-Za-z0-9_.]*@[-A-Za-z0-9.]+:)[^/\\\\s][^\\\\s]*$')",
    'git.url must be https://host/path, http://host/path, ssh://user@host/path or user@host:path',
  )
  @Rule(
    "!self.matches('^https?://[^/]*@|^ssh://[^/@]*:[^/@]*@')",
    "git.url must not hold credentials: put them into a Secret and name it in the Agent's security.allowedRepositories",
  )
  url!: string;

  /** Branch, tag or commit SHA; absent means the remote's HEAD. */
  @Length(1, 255)
  @Pattern('^[^-\\s\\x00-\\x1f~^:?*\\[\\\\][^\\s\\x00-\\x1f~^:?*\\[\\\\]*$')
  @Rule("!self.contains('..')", 'git.ref must be a branch, a tag or a commit SHA: it cannot hold ".."')
  ref?: string;

  /** Directory inside the repository in which the agent starts; absent means its root. */
  @Length(1, BOUNDS.path)
  @Pattern(PATTERNS.relativePath)
  @Rule(RELATIVE_PATH_RULE, 'git.path must stay inside the repository: remove the ".." segments')
  path?: string;

  /** How many commits of history to fetch; absent means all. */
  @Min(1)
  @Max(1_000_000)
  depth?: number;
}

/** Scratch space for the workspace. */
export class WorkspaceScratch {
  /** The pod is evicted when the workspace grows beyond it. */
  @IsQuantity()
  sizeLimit?: Quantity;
}

/** What the workspace is kept on. */
@ExactlyOneOf(['emptyDir', 'claimName'], 'set exactly one of workspace.volume.emptyDir and workspace.volume.claimName')
export class WorkspaceVolume {
  /** Scratch space that goes with the pod. */
  emptyDir?: WorkspaceScratch;

  /** A PersistentVolumeClaim, mounted below <uid>/<attempt>; the Agent's security.allowedVolumeClaims must name it. */
  @Length(1, BOUNDS.name)
  @Pattern(PATTERNS.objectName)
  claimName?: string;
}

/** Overrides of the place the repository is checked out to. */
export class Workspace {
  /** Image of the checkout step; absent means the operator's. */
  @Length(1, BOUNDS.url)
  @Pattern(PATTERNS.image)
  image?: string;

  /** What the workspace is kept on; absent means scratch space without a limit of its own. */
  volume?: WorkspaceVolume;

  /** Absolute path of the workspace in every container; absent means /workspace. */
  @Length(2, BOUNDS.path)
  @Pattern(PATTERNS.mountPath)
  @Rule(MOUNT_PATH_RULE, MOUNT_PATH_MESSAGE)
  mountPath?: string;
}

/** Where a run happens. */
export class Coordinates {
  /** The repository, the revision and the directory. */
  git!: GitCoordinates;

  /** Overrides of the workspace. */
  workspace?: Workspace;
}

/** The exact coordinates of a run. */
export class Execution {
  /** Where the run happens. */
  coordinates!: Coordinates;
}
