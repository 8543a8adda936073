import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Installation } from './installation.js';
import { aConfigMap, REPOSITORY_URL } from './run-objects.js';

const DEMO = fileURLToPath(new URL('../../hack/demo/', import.meta.url));

/**
 * A history small enough to know by heart. `VERSION` says where one is; `app/` is there to run in.
 *
 *   first ── second (tag v1) ── third (main)
 *                      └─ fourth (branch feature/login)
 */
const HISTORY = `
  cd /srv/git
  export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org
  export GIT_AUTHOR_DATE='2026-01-01T00:00:00Z' GIT_COMMITTER_DATE='2026-01-01T00:00:00Z'
  git init --quiet --initial-branch main work && cd work
  commit() { mkdir -p app && echo "$1" >VERSION && echo "$1" >app/notes.txt && git add . && git commit --quiet -m "$1"; }
  commit first
  commit second && git tag v1
  git checkout --quiet -b feature/login && commit fourth
  git checkout --quiet main && commit third
  git clone --quiet --bare . ../sample.git
  rm -r ../work
`;

/** Its first commit: author, dates and content are fixed, and so is the hash. */
export const FIRST_COMMIT = '6a43b180dd8c38785bf1e0a5487071fbd8562327';

/** A command for an agent that ends once somebody has opened the gate: tests say when a run may go on. */
export function waitAtGate(name: string): string {
  return `until git ls-remote --exit-code ${REPOSITORY_URL} refs/gates/${name} >/dev/null; do sleep 0.5; done`;
}

/** A git repository served inside the cluster, in an installation's namespace. */
export class GitRepository {
  private constructor(private readonly installation: Installation) {}

  static async serve(installation: Installation): Promise<GitRepository> {
    const program = await readFile(`${DEMO}git-server.ts`, 'utf8');
    await installation.apply(aConfigMap('git-server', { 'git-server.ts': program }));
    await installation.kubectl(['apply', '--filename', `${DEMO}git-server.yaml`]);
    await installation.kubectl(['rollout', 'status', 'deployment/git-server', '--timeout=2m']);
    const repository = new GitRepository(installation);
    await repository.#inServer(HISTORY);
    return repository;
  }

  async openGate(name: string): Promise<void> {
    await this.#inServer(`git --git-dir=/srv/git/sample.git update-ref refs/gates/${name} main`);
  }

  async #inServer(script: string): Promise<void> {
    await this.installation.kubectl(['exec', '--stdin', 'deployment/git-server', '--', 'bash', '-eus'], script);
  }
}
