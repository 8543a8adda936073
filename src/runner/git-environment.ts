import { join } from 'node:path';
import type { Remote } from './git-url.js';

/** The files of a Secret of type basic-auth or ssh-auth. */
export interface GitCredentials {
  directory: string;
  kind: 'basic' | 'ssh';
}

/** Reads the mounted Secret when git asks, so that no value is ever in an argument, a variable or a file of ours. */
const CREDENTIAL_HELPER =
  '!f() { test "$1" = get || exit 0; ' +
  'printf "username=%s\\n" "$(cat "$AGENT_RUN_GIT/username" 2>/dev/null || echo git)"; ' +
  'printf "password=%s\\n" "$(cat "$AGENT_RUN_GIT/password")"; }; f';

/**
 * The environment of every git command of the checkout: no prompts, no hooks, no configuration but this, no transport but
 * the three that are admitted, credentials only for the remote's own https origin. A stalled server ends the command.
 */
export function gitEnvironment(
  base: NodeJS.ProcessEnv,
  repository: string,
  remote: Remote,
  credentials: GitCredentials | undefined,
): NodeJS.ProcessEnv {
  const settings: [string, string][] = [
    ['core.hooksPath', '/dev/null'],
    ['safe.directory', repository],
    ['protocol.allow', 'never'],
    ['protocol.https.allow', 'always'],
    ['protocol.http.allow', 'always'],
    ['protocol.ssh.allow', 'always'],
    ['submodule.recurse', 'false'],
    ['fetch.recurseSubmodules', 'false'],
    ['gc.auto', '0'],
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', '120'],
    ['credential.helper', ''],
    ['advice.detachedHead', 'false'],
  ];
  if (remote.transport === 'https' && credentials?.kind === 'basic') {
    settings.push([`credential.${remote.origin}.helper`, CREDENTIAL_HELPER]);
  }
  return {
    ...base,
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_SSH_COMMAND: sshCommand(credentials),
    LC_ALL: 'C.UTF-8',
    ...(credentials === undefined ? {} : { AGENT_RUN_GIT: credentials.directory }),
    ...configuration(settings),
  };
}

function configuration(settings: readonly [string, string][]): NodeJS.ProcessEnv {
  const pairs = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: `${settings.length}`, ...(Object.fromEntries(pairs) as Record<string, string>) };
}

function sshCommand(credentials: GitCredentials | undefined): string {
  const options = {
    BatchMode: 'yes',
    StrictHostKeyChecking: 'yes',
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    PasswordAuthentication: 'no',
    ForwardAgent: 'no',
    GlobalKnownHostsFile: '/dev/null',
    UserKnownHostsFile: credentials?.kind === 'ssh' ? quote(join(credentials.directory, 'known_hosts')) : '/dev/null',
    IdentityFile: credentials?.kind === 'ssh' ? quote(join(credentials.directory, 'ssh-privatekey')) : 'none',
    ConnectTimeout: '30',
    ServerAliveInterval: '15',
    ServerAliveCountMax: '4',
  };
  const flags = Object.entries(options).map(([name, value]) => `-o ${name}=${value}`);
  return ['ssh', '-F', '/dev/null', ...flags].join(' ');
}

/** git hands the command to a shell. */
function quote(path: string): string {
  return `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
