import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RUNNER_SCHEMA_VERSION, type RunnerReport, type RunnerSpec } from '../../src/domain/runner-spec.js';

const project = join(import.meta.dirname, '../..');

/** How a runner ended: what a kubelet would see of it. */
export interface RunnerEnd {
  code: number | null;
  stdout: string;
  stderr: string;
  /** The text of the termination message. */
  message: string;
  report: RunnerReport;
}

/** A started runner. */
export interface StartedRunner {
  process: ChildProcess;
  /** Resolves as soon as its standard output holds the text; rejects when it ends without. */
  printed(text: string): Promise<void>;
  end(): Promise<RunnerEnd>;
}

/** Everything of a spec that a test may want to differ in; `script` is run by sh. */
export type SpecChanges = Partial<Omit<RunnerSpec, 'command'>> & {
  script?: string;
  command?: Partial<RunnerSpec['command']>;
};

/** The bundled agent-runner and a workspace of its own for it, below a temporary directory. */
export class RunnerSandbox {
  private constructor(
    readonly directory: string,
    readonly program: string,
  ) {}

  /** Bundles the program as the image gets it. */
  static async create(): Promise<RunnerSandbox> {
    const directory = await mkdtemp(join(tmpdir(), 'agent-runner-'));
    const bin = join(directory, 'bin');
    await promisify(execFile)(process.execPath, [join(project, 'hack/bundle.ts'), 'runner', bin]);
    return new RunnerSandbox(directory, join(bin, 'agent-runner'));
  }

  get root(): string {
    return join(this.directory, 'workspace');
  }

  /** The agent's working directory, unless the spec has a git.path. */
  get repository(): string {
    return join(this.root, 'repository');
  }

  /** An empty workspace. */
  async reset(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
    await mkdir(this.repository, { recursive: true });
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  /** A file below the sandbox's directory, with its path. */
  async file(path: string, content: string, mode = 0o644): Promise<string> {
    const full = join(this.directory, path);
    await mkdir(join(full, '..'), { recursive: true });
    await writeFile(full, content);
    await chmod(full, mode);
    return full;
  }

  spec({ script = 'true', command = {}, ...changes }: SpecChanges = {}): RunnerSpec {
    return {
      schemaVersion: RUNNER_SCHEMA_VERSION,
      workspace: { root: this.root },
      command: { binary: 'sh', args: ['-c', script], env: {}, ...command },
      inputFiles: [],
      outputArtifacts: [],
      timeoutSeconds: 30,
      gracePeriodSeconds: 5,
      maskEnv: [],
      maskDirectories: [],
      ...changes,
    };
  }

  async run(spec: RunnerSpec, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<RunnerEnd> {
    return (await this.start(spec, args, env)).end();
  }

  async start(spec: RunnerSpec, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<StartedRunner> {
    const specPath = await this.file('runner.json', JSON.stringify(spec));
    const messagePath = await this.file('termination-log', '');
    const child = spawn(this.program, args, {
      env: { ...process.env, AGENT_RUNNER_SPEC_PATH: specPath, AGENT_RUNNER_TERMINATION_PATH: messagePath, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const closed = once(child, 'close') as Promise<[number | null]>;
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    return {
      process: child,
      printed: async (text) => {
        while (!output.stdout.includes(text)) {
          const more = await Promise.race([once(child.stdout, 'data').then(() => true), closed.then(() => false)]);
          if (!more && !output.stdout.includes(text))
            throw new Error(`ended without printing ${text}: ${output.stderr}`);
        }
      },
      end: async () => {
        const [code] = await closed;
        const message = await readFile(messagePath, 'utf8');
        return { code, ...output, message, report: JSON.parse(message) as RunnerReport };
      },
    };
  }
}
