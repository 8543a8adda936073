import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { LAST_MESSAGE, USAGE_PER_ANSWER } from '../../hack/demo/responses-endpoint.js';
import { LABELS } from '../../src/api/meta/labels.js';
import type { AgentProviderSpec } from '../../src/api/v1alpha1/agent-provider.types.js';
import type { AgentRun } from '../../src/api/v1alpha1/agent-run.types.js';
import type { AgentSpec } from '../../src/api/v1alpha1/agent.types.js';
import { anEndpoint, type Behaviour, serveResponses } from '../support/responses-endpoint.js';
import { anAgent, type Applied, aProvider, REPOSITORY_URL } from '../support/run-objects.js';
import { RunScene } from '../support/run-scene.js';

const MINUTES = 60_000;
const KEY = 'key-5b1e0c9d7f';

/** The example's own objects, as they are. */
function example(file: string): Applied {
  return parse(readFileSync(new URL(`../../examples/codex/${file}`, import.meta.url), 'utf8')) as Applied;
}

const PROVIDER = example('provider.yaml') as Applied & { spec: AgentProviderSpec };
const AGENT = example('agent.yaml') as Applied & { spec: AgentSpec };

/** The example with another Secret, so with an endpoint that behaves differently. */
function variant(behaviour: Behaviour): Applied[] {
  const secretEnv = PROVIDER.spec.secretEnv?.map(({ secretRef, ...rest }) => ({
    ...rest,
    secretRef: { ...secretRef, name: behaviour },
  }));
  return [
    anEndpoint(behaviour, behaviour, KEY),
    aProvider(behaviour, { ...PROVIDER.spec, secretEnv: secretEnv! }),
    anAgent(behaviour, {
      ...AGENT.spec,
      providerRef: { name: behaviour },
      security: { allowedSecrets: [behaviour] },
      defaults: { retryLimit: 0 },
    }),
  ];
}

/** A run whose task holds the commands that the double has executed, one after the other. */
function aTask(name: string, agent: string, commands: readonly string[], more: object = {}): Applied {
  const text = commands.map((command) => `\`\`\`sh\n${command}\n\`\`\`\n`).join('\n');
  const spec = {
    agentRef: { name: agent },
    implementation: { inline: { text: `Do this, {{ run.uid }} and $(id) or not:\n\n${text}` } },
    execution: { coordinates: { git: { url: REPOSITORY_URL, ref: 'v1' } } },
    ...more,
  };
  return { apiVersion: AGENT.apiVersion, kind: 'AgentRun', metadata: { name }, spec };
}

/** The repository at v1 with what the agent of the first test is told to do. */
const COMMANDS = [
  'echo by the agent >VERSION && git rm --quiet app/notes.txt',
  'git -c user.name=B -c user.email=b@example.org commit --quiet --all --message "by the agent"',
  "mkdir new && printf 'a\\000b' >new/binary && echo untracked >'new/file with spaces'",
  // Neither the key nor the prompt is where others would see it.
  'echo "key: ${OPENAI_API_KEY:-none}" >key.txt; git status --porcelain >status.txt',
  "cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -c '[D]o this' >argv.txt",
];

let scene: RunScene;

beforeAll(async () => {
  scene = await RunScene.create('codex');
  await serveResponses(scene.installation);
  await scene.applyInOrder([
    PROVIDER,
    AGENT,
    anEndpoint('codex', 'work', KEY),
    ...(['stall', 'limited', 'quota', 'refused'] as const).flatMap(variant),
    aTask('edits', AGENT.metadata.name, COMMANDS),
    aTask('stalls', 'stall', ['echo half done >VERSION'], { timeoutSeconds: 10 }),
    ...['limited', 'quota', 'refused'].map((name) => aTask(name, name, ['true'])),
  ]);
}, 3 * MINUTES);

afterAll(() => scene.delete(), 3 * MINUTES);

/** The patch as the log has it: nothing stores artifacts here. */
async function patchOf(run: AgentRun): Promise<string> {
  const log = await scene.log(run);
  const [, patch] = /^codex-agent: \.codex-agent\/changes\.patch\n(.*?)^codex-agent: end$/ms.exec(log) ?? [];
  if (patch === undefined) throw new Error(`the log holds no patch:\n${log}`);
  return patch;
}

/** Applies a patch to a clone of the repository at v1, and prints a file of it or what a command makes of it. */
async function applied(patch: string, command: string): Promise<string> {
  const script = `cd $(mktemp -d -p /srv/git) && git -c safe.directory='*' clone --quiet --branch v1 /srv/git/sample.git . 2>/dev/null &&
    base64 --decode <<<'${Buffer.from(patch).toString('base64')}' | git apply --index && ${command}`;
  return scene.installation.kubectl(['exec', '--stdin', 'deployment/git-server', '--', 'bash', '-eus'], script);
}

const usage = (answers: number): object => ({
  inputTokens: answers * USAGE_PER_ANSWER.inputTokens,
  outputTokens: answers * USAGE_PER_ANSWER.outputTokens,
});

describe('the Codex CLI in a pod, with an endpoint that is a double', () => {
  describe('that does the task', () => {
    let run: AgentRun;
    let patch: string;

    beforeAll(async () => {
      run = await scene.finished('edits');
      patch = await patchOf(run);
    }, 2 * MINUTES);

    it('succeeds, with the model’s last message and the tokens that it took', () => {
      expect(run.status).toMatchObject({
        phase: 'Succeeded',
        message: LAST_MESSAGE,
        usage: usage(COMMANDS.length + 1),
      });
    });

    it('leaves a patch as an artifact', () => {
      expect(run.status?.artifacts).toEqual([
        {
          name: 'changes',
          path: '.codex-agent/changes.patch',
          sizeBytes: Buffer.byteLength(patch),
          sha256: createHash('sha256').update(patch).digest('hex'),
        },
      ]);
    });

    it('leaves a patch that applies to the repository, with everything that was committed and that was not', async () => {
      const files = await applied(patch, 'git diff --cached --name-status --no-renames');
      expect(files.trimEnd().split('\n')).toEqual([
        'M\tVERSION',
        'D\tapp/notes.txt',
        'A\targv.txt',
        'A\tkey.txt',
        'A\tnew/binary',
        'A\tnew/file with spaces',
        'A\tstatus.txt',
      ]);
      const contents = await applied(patch, "cat VERSION 'new/file with spaces'; od -An -tx1 new/binary");
      expect(contents).toBe('by the agent\nuntracked\n 61 00 62\n');
    });

    it('shows the key and the prompt to nobody, and git nothing of its own files', async () => {
      expect(await applied(patch, 'cat key.txt argv.txt status.txt')).toBe(
        'key: none\n0\n?? key.txt\n?? new/\n?? status.txt\n',
      );
      expect(await scene.log(run)).not.toContain(KEY);
      const ofRun = `--selector=${LABELS.agentRunUid}=${run.metadata.uid}`;
      const objects = await scene.installation.kubectl(['get', 'jobs,pods,configmaps', ofRun, '--output=json']);
      expect(objects).toContain('codex-agent');
      expect(objects).not.toContain(KEY);
    });
  });

  it('keeps what it did so far when it is stopped', async () => {
    const run = await scene.finished('stalls');
    expect(run.status).toMatchObject({ phase: 'Failed', failureClass: 'Timeout' });
    expect(run.status?.artifacts).toMatchObject([{ name: 'changes' }]);
    expect(await applied(await patchOf(run), 'cat VERSION')).toBe('half done\n');
  }, 90_000);

  it.each([
    ['limited', 'RateLimited', /exceeded retry limit, last status: 429 Too Many Requests/],
    ['quota', 'QuotaExhausted', /Quota exceeded\./],
    // The endpoint is a value of the Secret, and masked.
    ['refused', 'AuthFailed', /unexpected status 401 Unauthorized: Incorrect API key provided, url: \*\*\*\/responses/],
  ])(
    'says what is wrong when it is %s for ever: %s',
    async (name, failureClass, message) => {
      const run = await scene.finished(name);
      expect(run.status).toMatchObject({ phase: 'Failed', reason: failureClass, failureClass });
      expect(run.status?.message).toMatch(message);
      expect(run.status?.attempts).toHaveLength(1);
      expect(await patchOf(run)).toBe('');
    },
    90_000,
  );

  it('keeps the invariants of every status, which holds no secret', () => {
    expect(() => scene.checkInvariants([KEY])).not.toThrow();
  });
});
