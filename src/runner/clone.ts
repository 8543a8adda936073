import { mkdir, rm } from 'node:fs/promises';
import { boundText } from '../api/meta/text.js';
import type { GitCheckout } from '../domain/runner-spec.js';
import { EXIT } from './exit-code.js';
import { candidates, fullCommit, selectReference, type Reference } from './git-reference.js';
import { git, type GitResult, type GitSetting } from './git.js';
import type { Remote } from './git-url.js';
import { errorCode, errorText, RunnerFailure } from './runner-failure.js';

const MAX_COMPLAINT_BYTES = 600;
/** How git and ssh say that a repository is not there or not for everybody: servers answer both alike. */
const REFUSED = /not found|could not read Username|Authentication failed|Permission denied|returned error: 40[13]/;
const REMEDY = "; check the URL, and the Agent's security.allowedRepositories for its credentials";

/** `directory` is where to, and is emptied first. */
export interface ClonePlan extends GitSetting {
  wanted: GitCheckout;
  remote: Remote;
}

/** One clone into one directory; each step names what it needs of the remote and nothing more is fetched. */
export class Clone {
  constructor(private readonly plan: ClonePlan) {}

  /** The commit that is checked out. */
  async make(): Promise<string> {
    try {
      await rm(this.plan.directory, { recursive: true, force: true });
      await mkdir(this.plan.directory, { recursive: true });
    } catch (error) {
      throw new RunnerFailure('RunnerError', `cannot empty the directory of the repository: ${errorText(error)}`);
    }
    await this.#run('init', '--quiet', '--template=', '.');
    await this.#run('remote', 'add', 'origin', this.plan.remote.url);
    await this.#fetch(fullCommit(this.plan.wanted.ref) ?? (await this.#find()));
    return (await this.#run('rev-parse', 'HEAD')).stdout.trim();
  }

  async #find(): Promise<Reference> {
    const { ref } = this.plan.wanted;
    const listing = await this.#run('ls-remote', '--symref', 'origin', ...candidates(ref));
    const reference = selectReference(ref, listing.stdout);
    if (reference !== undefined) return reference;
    throw ref === undefined
      ? new RunnerFailure('CheckoutFailed', `${this.plan.remote.url} has no commits`)
      : this.#unknown(ref);
  }

  async #fetch(reference: Reference): Promise<void> {
    const { depth } = this.plan.wanted;
    const from = ['fetch', '--quiet', ...(depth === undefined ? [] : [`--depth=${depth}`]), 'origin'];
    switch (reference.kind) {
      case 'branch': {
        const tracking = `refs/remotes/origin/${reference.name}`;
        await this.#run(...from, `+refs/heads/${reference.name}:${tracking}`);
        await this.#run('checkout', '--quiet', '-B', reference.name, '--track', tracking);
        return;
      }
      case 'tag':
        await this.#run(...from, `+refs/tags/${reference.name}:refs/tags/${reference.name}`);
        await this.#run('checkout', '--quiet', '--detach', `refs/tags/${reference.name}`);
        return;
      case 'ref':
        await this.#run(...from, reference.name);
        await this.#run('checkout', '--quiet', '--detach', 'FETCH_HEAD');
        return;
      case 'commit':
        await this.#fetchCommit(reference.sha, from);
    }
  }

  /** Not every server gives out a single commit, and none by an abbreviation: then everything is fetched. */
  async #fetchCommit(sha: string, from: readonly string[]): Promise<void> {
    const single = fullCommit(sha) !== undefined && (await this.#try(...from, sha)).ok;
    if (!single) await this.#run('fetch', '--quiet', '--tags', 'origin', '+refs/heads/*:refs/remotes/origin/*');
    const commit = await this.#try('rev-parse', '--verify', '--quiet', '--end-of-options', `${sha}^{commit}`);
    if (!commit.ok) throw this.#unknown(sha);
    await this.#run('checkout', '--quiet', '--detach', commit.stdout.trim());
  }

  async #run(...args: string[]): Promise<GitResult> {
    const result = await this.#try(...args);
    if (result.ok) return result;
    const complaint = lastLines(result.stderr.trim());
    const text = `git ${args[0] ?? ''} of execution.coordinates.git.url ${this.plan.remote.url} failed: ${complaint}`;
    throw new RunnerFailure('CheckoutFailed', text + (REFUSED.test(result.stderr) ? REMEDY : ''));
  }

  async #try(...args: string[]): Promise<GitResult> {
    try {
      return await git(args, this.plan);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      throw new RunnerFailure('NotFound', 'git was not found in the image of the checkout step', EXIT.notFound);
    }
  }

  #unknown(ref: string): RunnerFailure {
    return new RunnerFailure(
      'CheckoutFailed',
      `execution.coordinates.git.ref "${ref}" is not a branch, tag or commit of ${this.plan.remote.url}`,
    );
  }
}

/** Git and ssh say why they give up at the end, after warnings and what the server has to say. */
function lastLines(text: string): string {
  const lines = text.split('\n');
  while (lines.length > 1 && Buffer.byteLength(lines.join('\n')) > MAX_COMPLAINT_BYTES) lines.shift();
  return boundText(lines.join('\n'), MAX_COMPLAINT_BYTES);
}
