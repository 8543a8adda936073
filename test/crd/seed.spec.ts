import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { sharedApiServer } from '../support/api-server.js';
import { Admission } from './support/admission.js';

const DIRECTORY = 'examples/seed';
const FILES = ['agent', 'implementation-spec', 'agent-run'] as const;
const SHA256 = {
  agent: '282e94dda1094e5ce590aa2b05206050c070659b4aba4dab6cdc74d17b2de344',
  'implementation-spec': '1bd15f9d80aa85752ddb888152690516cc09394e88186dab0627938d28ef9707',
  'agent-run': '629eb518b61b781a337fc1fa867cbd2542cfad7308e99d7d1d03ba49e0085502',
};
const ORDERS = [
  ['agent', 'implementation-spec', 'agent-run'],
  ['agent', 'agent-run', 'implementation-spec'],
  ['implementation-spec', 'agent', 'agent-run'],
  ['implementation-spec', 'agent-run', 'agent'],
  ['agent-run', 'agent', 'implementation-spec'],
  ['agent-run', 'implementation-spec', 'agent'],
] as const;

const server = sharedApiServer();

afterAll(async () => server.stop());

async function namesIn(namespace: string, kind: string): Promise<string> {
  const { stdout } = await server.kubectl(['get', kind, '-n', namespace, '-o', 'name']);
  return stdout.trim();
}

describe("the seed's examples", () => {
  it.each(FILES)('%s is as it was given', (file) => {
    const content = readFileSync(`${DIRECTORY}/${file}.yaml`);
    expect(createHash('sha256').update(content).digest('hex')).toBe(SHA256[file]);
  });

  it.each(ORDERS.map((order, index) => ({ order, title: order.join(', '), namespace: `seed-${index}` })))(
    'are created in the order $title',
    async ({ order, namespace }) => {
      await new Admission(server, namespace).makeNamespace();
      for (const file of order) {
        const result = await server.kubectl(['create', '-n', namespace, '-f', `${DIRECTORY}/${file}.yaml`]);
        expect(result).toMatchObject({ code: 0, stderr: '' });
      }
      expect(await namesIn(namespace, 'agent')).toBe('agent.agents.proompteng.ai/codex-agent');
      expect(await namesIn(namespace, 'implementationspec')).toBe('implementationspec.agents.proompteng.ai/impl-1234');
      expect(await namesIn(namespace, 'agentrun')).toMatch(/^agentrun\.agents\.proompteng\.ai\/codex-run-\w+$/);
    },
  );

  it('are created as a directory, too', async () => {
    await new Admission(server, 'seed-directory').makeNamespace();
    const result = await server.kubectl(['create', '-n', 'seed-directory', '-f', DIRECTORY]);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout.trim().split('\n')).toHaveLength(3);
  });
});
