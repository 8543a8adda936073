import { exec, kubectl } from '../support/cluster.js';
import { Page, ROOT } from '../support/markdown.js';

const MINUTES = 60_000;
/** That of the README's commands. */
const NAMESPACE = 'first';

/** The README's commands for a first run, up to those that serve until they are stopped. The images are there already. */
function commands(): string {
  const [untilPortForward = ''] = new Page('README.md')
    .section('A first AgentRun of your own')
    .split(/^.*port-forward/m);
  const blocks = [...untilPortForward.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text = '']) => text);
  return blocks.join('').replace(/^make images\n/m, '');
}

async function removeNamespace(): Promise<void> {
  await kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=120s']);
}

beforeAll(async () => {
  await removeNamespace();
  // A cluster that was used before may have these of an earlier commit, and Helm never upgrades them.
  await kubectl(['apply', '--server-side', '--force-conflicts', '--filename', `${ROOT}charts/agents/crds`]);
}, 3 * MINUTES);
afterAll(removeNamespace, 3 * MINUTES);

describe('the README', () => {
  it(
    'leads to a first run that succeeds, by its own commands',
    async () => {
      const script = commands();
      expect(script).toContain('helm install');
      const output = await exec('bash', ['-euo', 'pipefail', '-c', script]);
      expect(output).toMatch(/^first +Succeeded +first +job +Succeeded /m);
      expect(output).toContain('Somebody new asks: List the files of this repository.');
      expect(output).toContain('"path":"files.txt"');
      const left = ['job,pod', '--selector', 'agents.proompteng.ai/agent-run=first'];
      await kubectl(['--namespace', NAMESPACE, 'wait', '--for=delete', ...left, '--timeout=60s']);
    },
    5 * MINUTES,
  );
});
