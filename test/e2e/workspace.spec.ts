import type { AgentRun } from '../../src/api/v1alpha1/agent-run.types.js';
import { CHECKOUT_IMAGE, GitPeer, makeImage } from '../support/git-peer.js';
import { FIRST_COMMIT, waitAtGate } from '../support/git-repository.js';
import { NodeVolume } from '../support/node-volume.js';
import { type Applied, anAgent, aProvider, aRun, REPOSITORY_URL } from '../support/run-objects.js';
import { RunScene } from '../support/run-scene.js';

const MINUTES = 60_000;
const HTTPS = 'https://git-peer/';
const SSH = 'ssh://agent@git-peer/srv/git/';

let scene: RunScene;
let peer: GitPeer;
let volume: NodeVolume;

/** What the tests below declare. All of it is applied at once, and each test waits for its own run. */
const given: Applied[] = [aProvider('shell'), anAgent('worker')];

/**
 * Beside a mirror of the sample repository:
 * - `hostile.git`: files and settings that git or a careless program would act upon, and a submodule whose URL is a command
 * - `in-git.git`: a tree that wants to write a hook into `.git`
 * - `huge.git`: 200 MiB that are some KiB on the wire
 */
const REPOSITORIES = `
  cd /srv/git
  git clone --quiet --mirror ${REPOSITORY_URL} sample.git
  export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org

  git init --quiet --initial-branch=main /tmp/hostile && cd /tmp/hostile
  mkdir -p hooks .githooks objects refs
  for hook in hooks/post-checkout .githooks/post-checkout hooks/fsmonitor; do
    printf '#!/bin/sh\\ntouch /workspace/hooked\\n' >$hook; chmod 755 $hook
  done
  echo 'ref: refs/heads/main' >HEAD
  printf '[core]\\n\\tbare = false\\n\\tworktree = .\\n\\tfsmonitor = touch /workspace/hooked\\n\\thooksPath = .githooks\\n' >config
  printf '[credential]\\n\\thelper = "!touch /workspace/hooked;"\\n' >.gitconfig
  printf '[include]\\n\\tpath = ../.gitconfig\\n' >>config
  printf '* filter=evil diff=evil\\n' >.gitattributes
  printf '[submodule "evil"]\\n\\tpath = evil\\n\\turl = ext::sh -c touch%%20/workspace/hooked\\n\\tupdate = !touch /workspace/hooked\\n' >.gitmodules
  ln -s /etc/passwd passwd; ln -s ../../.. outside; ln -s .git/config config-link
  echo odd >'--help'; echo odd >"$(printf 'a\\nb')"; echo odd >'\${HOME} \`id\` "x"'; echo odd >"$(printf '\\377\\376')"
  echo odd >"$(printf 'long%.0s' {1..60})"
  git add --all --force && git update-index --add --cacheinfo 160000,${FIRST_COMMIT},evil
  git commit --quiet --message=all && git clone --quiet --bare . /srv/git/hostile.git

  git init --quiet --initial-branch=main /tmp/in-git && cd /tmp/in-git
  blob=$(printf '#!/bin/sh\\ntouch /workspace/hooked\\n' | git hash-object -w --stdin)
  hook=$(printf '100755 blob %s\\tpost-checkout\\n' "$blob" | git mktree)
  inner=$(printf '40000 tree %s\\thooks\\n' "$hook" | git mktree)
  { printf '40000 .git\\0'; echo "$inner" | node -e 'process.stdout.write(Buffer.from(require("fs").readFileSync(0, "utf8").trim(), "hex"))'; } >tree
  commit=$(git commit-tree -m all "$(git hash-object -w -t tree --literally tree)")
  git update-ref refs/heads/main "$commit"
  cp --recursive .git /srv/git/in-git.git

  git init --quiet --initial-branch=main /tmp/huge && cd /tmp/huge
  # Not zeros: git makes holes of these, which take no space.
  yes | head --bytes=200M >huge && git add huge && git commit --quiet --message=huge
  git clone --quiet --bare . /srv/git/huge.git
`;

beforeAll(async () => {
  scene = await RunScene.create('workspace');
  [peer, volume] = await Promise.all([
    GitPeer.serve(scene.installation),
    NodeVolume.create(scene.installation, 'shared'),
    makeImage(CHECKOUT_IMAGE, 'checkout'),
  ]);
  await peer.run(REPOSITORIES);
  await scene.applyInOrder([...given, ...peer.secrets]);
}, 4 * MINUTES);

afterAll(async () => {
  await scene.delete();
  await volume.delete();
}, 3 * MINUTES);

/** A run on a repository of the peer. */
function onPeer(
  name: string,
  script: string,
  agent: string,
  git: { url: string; ref?: string; depth?: number },
): Applied {
  const coordinates = { git, workspace: { image: CHECKOUT_IMAGE } };
  return aRun(name, script, { agentRef: { name: agent }, execution: { coordinates } });
}

/** An Agent that gives a credential for a place, and lets it meet images of checkouts that it knows; its uid is no image's. */
function withCredential(name: string, urlPrefix: string, secret: string, provider = 'shell'): Applied {
  return anAgent(name, {
    providerRef: { name: provider },
    pod: { runAsUser: 12_345, fsGroup: 23_456, readOnlyRootFilesystem: true, terminationGracePeriodSeconds: 8 },
    security: { allowedRepositories: [{ urlPrefix, secretRef: { name: secret } }], allowedImages: [CHECKOUT_IMAGE] },
  });
}

given.push(
  withCredential('https', HTTPS, 'password'),
  withCredential('https-wrong', HTTPS, 'wrong-password'),
  withCredential('ssh', SSH, 'key'),
  withCredential('ssh-other', SSH, 'other-host'),
);

const lines = async (run: AgentRun): Promise<string[]> => (await scene.log(run)).trimEnd().split('\n');

describe('a repository that asks for credentials', () => {
  const where = 'id -u; cat VERSION; git remote get-url origin; git config --get-regexp "credential|ssh" || true';
  const seen = 'ls /etc/agent-run-git 2>/dev/null || echo no credentials; git status --porcelain';
  const script = `${where}; ${seen}; git -c user.name=a -c user.email=a@b commit --quiet --allow-empty --message=mine`;
  const ROWS = [
    { how: 'https with a token', name: 'by-https', agent: 'https', url: `${HTTPS}sample.git` },
    { how: 'ssh with a key and known_hosts', name: 'by-ssh', agent: 'ssh', url: `${SSH}sample.git` },
  ];
  given.push(...ROWS.map(({ name, agent, url }) => onPeer(name, script, agent, { url, ref: 'v1' })));

  it.each(ROWS)(
    'is checked out over $how, and the agent has the tree but no credential [Agent spec.security.allowedRepositories.{urlPrefix,secretRef.name}]',
    async ({ name, url }) => {
      const run = await scene.finished(name);
      expect(run.status).toMatchObject({ phase: 'Succeeded' });
      expect(await lines(run)).toEqual(['12345', 'second', url, 'no credentials']);
    },
    60_000,
  );

  const REFUSED = [
    {
      what: 'the token is wrong',
      run: onPeer('wrong-token', 'true', 'https-wrong', { url: `${HTTPS}sample.git` }),
      message: /Authentication failed.*security\.allowedRepositories/s,
    },
    {
      what: 'the server is not the one of known_hosts',
      run: onPeer('wrong-host', 'true', 'ssh-other', { url: `${SSH}sample.git` }),
      message: /Host key verification failed/,
    },
    {
      what: 'the key is of another repository than the one that is asked for',
      run: onPeer('wrong-path', 'true', 'ssh', { url: `${SSH}absent.git` }),
      message: /absent\.git' does not appear to be a git repository/,
    },
  ];
  given.push(...REFUSED.map(({ run }) => run));

  it.each(REFUSED)(
    'fails the checkout when $what',
    async ({ run: { metadata }, message }) => {
      const run = await scene.finished(metadata.name);
      expect(run.status).toMatchObject({ phase: 'Failed', failureClass: 'CheckoutFailed' });
      expect(run.status?.message).toMatch(message);
      const log = await scene.log(run, 'checkout');
      for (const value of peer.values) {
        expect(log).not.toContain(value);
        expect(JSON.stringify(run)).not.toContain(value);
      }
    },
    60_000,
  );
});

describe('the history', () => {
  const count = 'git rev-list --count HEAD; git rev-parse --is-shallow-repository';
  const ROWS = [
    { what: 'a branch', name: 'deep-branch', git: { ref: 'feature/login', depth: 1 }, expected: ['1', 'true'] },
    { what: 'a tag', name: 'deep-tag', git: { ref: 'v1', depth: 1 }, expected: ['1', 'true'] },
    { what: 'a commit', name: 'deep-commit', git: { ref: FIRST_COMMIT, depth: 1 }, expected: ['1', 'true'] },
    { what: 'a branch without a depth', name: 'whole', git: { ref: 'feature/login' }, expected: ['3', 'false'] },
  ];
  for (const { name, git } of ROWS) {
    given.push(aRun(name, count, { execution: { coordinates: { git: { url: REPOSITORY_URL, ...git } } } }));
  }

  it.each(ROWS)(
    'is as deep as was asked for: $what [AgentRun spec.execution.coordinates.git.depth]',
    async ({ name, expected }) => {
      expect(await lines(await scene.finished(name))).toEqual(expected);
    },
    60_000,
  );
});

describe('a hostile repository', () => {
  const url = `${HTTPS}hostile.git`;
  given.push(
    onPeer(
      'hostile',
      // git status alone would run an fsmonitor; the tree's own settings are none of git's.
      `ls -A /workspace; ls -A evil; git config --get core.fsmonitor || echo no fsmonitor
       git config --get core.hooksPath || echo no hooks; git config --get-all credential.helper || echo no helper
       ls -b`,
      'https',
      { url },
    ),
    aProvider('curious', {
      outputArtifacts: [
        { name: 'passwd', path: 'passwd' },
        { name: 'above', path: 'outside/etc/hostname' },
        { name: 'settings', path: 'config-link' },
        { name: 'odd', path: '--help' },
      ],
    }),
    withCredential('curious', HTTPS, 'password', 'curious'),
    onPeer('curious', 'true', 'curious', { url }),
    onPeer('in-git', 'true', 'https', { url: `${HTTPS}in-git.git` }),
  );

  it('is a tree of files: no hook, filter, helper or submodule of it does anything', async () => {
    const run = await scene.finished('hostile');
    expect(run.status).toMatchObject({ phase: 'Succeeded' });
    const shown = await lines(run);
    expect(shown.slice(0, 5)).toEqual(['.agent-run', 'repository', 'no fsmonitor', 'no hooks', 'no helper']);
    const odd = ['${HOME}\\ `id`\\ "x"', '--help', 'a\\nb', 'long'.repeat(60), '\\377\\376'];
    const named = ['HEAD', 'config', 'config-link', 'evil', 'hooks', 'outside', 'passwd'];
    expect(shown.slice(5).toSorted()).toEqual([...odd, ...named].toSorted());
    expect(await scene.log(run, 'checkout')).not.toContain('evil');
  }, 60_000);

  it('cannot lend files of the pod as artifacts, but has oddly named ones', async () => {
    const run = await scene.finished('curious');
    expect(run.status?.artifacts?.map(({ name }) => name)).toEqual(['odd']);
  }, 60_000);

  it('that wants to write into .git is not checked out', async () => {
    const run = await scene.finished('in-git');
    expect(run.status).toMatchObject({ phase: 'Failed', failureClass: 'CheckoutFailed' });
    expect(run.status?.message).toContain("invalid path '.git/hooks/post-checkout'");
  }, 60_000);

  given.push(
    aRun('huge', waitAtGate('never'), {
      agentRef: { name: 'https' },
      execution: {
        coordinates: {
          git: { url: `${HTTPS}huge.git` },
          workspace: { image: CHECKOUT_IMAGE, volume: { emptyDir: { sizeLimit: '64Mi' } } },
        },
      },
    }),
  );

  it('that is larger than the sized workspace is stopped by its limit', async () => {
    const run = await scene.finished('huge');
    expect(run.status).toMatchObject({ phase: 'Failed', failureClass: 'Evicted' });
    expect(run.status?.message).toContain('EmptyDir volume "workspace" exceeds the limit "64Mi"');
  }, 90_000);
});

describe('two runs at once on one claim', () => {
  const NAMES = ['left', 'right'];
  const other = 'git ls-remote --exit-code origin refs/gates/both >/dev/null';
  given.push(
    anAgent('claimant', { security: { allowedVolumeClaims: ['shared'] } }),
    ...NAMES.map((name) =>
      aRun(name, `echo ${name} >mine; echo begun; until ${other}; do sleep 0.5; done; cat mine; ls -A /workspace`, {
        agentRef: { name: 'claimant' },
        execution: { coordinates: { git: { url: REPOSITORY_URL }, workspace: { volume: { claimName: 'shared' } } } },
      }),
    ),
  );

  it('never share a tree', async () => {
    await Promise.all(NAMES.map(async (name) => scene.follow(await scene.became(name, 'InProgress', 'Running'))));
    await scene.repository.openGate('both');
    const runs = await Promise.all(NAMES.map((name) => scene.finished(name)));
    const logs = await Promise.all(runs.map(lines));
    expect(logs).toEqual(NAMES.map((name) => ['begun', name, '.agent-run', 'repository']));
    expect((await volume.list()).toSorted()).toEqual(runs.map(({ metadata }) => `${metadata.uid}/1`).toSorted());
  }, 90_000);
});

it('no version of any run breaks an invariant or holds a credential', () => {
  expect(() => scene.checkInvariants(peer.values)).not.toThrow();
});
