/** Regular expressions (RE2, anchored) that several fields share. */
export const PATTERNS = {
  /** Name of an object: a DNS-1123 subdomain. */
  objectName: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
  /** Name of something inside an object, such as a volume: a DNS-1123 label. */
  dnsLabel: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
  /** Key of a Secret or ConfigMap. */
  dataKey: '^[-._a-zA-Z0-9]+$',
  /** Name of an environment variable. */
  envName: '^[A-Za-z_][A-Za-z0-9_]*$',
  /** Value of a label. */
  labelValue: '^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$',
  /** Reference of a container image; nothing that a shell or a log line could trip over. */
  image: '^[A-Za-z0-9][-A-Za-z0-9._/:@]*$',
  /** Absolute path in a container, spelled as {@link MOUNT_PATH_RULE} says; a colon would split it in a mount option. */
  mountPath: '^/[^:\\s]+$',
  /** Path below a directory; `..` is excluded by {@link RELATIVE_PATH_RULE}. */
  relativePath: '^[^/\\x00-\\x1f]([^\\x00-\\x1f]*)$',
} as const;

/** CEL: no segment of the path is `..`, so it never leaves its directory. */
export const RELATIVE_PATH_RULE = "!self.matches('(^|/)[.][.](/|$)')";

/** CEL: a path is spelled in one way, so that comparing paths as texts compares places. */
export const MOUNT_PATH_RULE = "!self.matches('//|/[.]{1,2}(/|$)|/$')";
export const MOUNT_PATH_MESSAGE =
  'mountPath must be spelled plainly: remove "//", "." and ".." segments, and the slash at its end';

/** Bounds that several fields share, in characters. */
export const BOUNDS = {
  /** Name of an object. */
  name: 253,
  /** Long texts: 128 KiB. */
  text: 131_072,
  /** One argument or one environment value: Linux refuses 128 KiB (MAX_ARG_STRLEN). */
  argument: 131_071,
  /** Messages: 1 KiB. */
  message: 1024,
  /** Paths inside a container or repository. */
  path: 1024,
  /** URLs and image references. */
  url: 2048,
} as const;
