import { CONFIG_MAPS, EVENTS } from '../../../src/modules/kubernetes/resource.js';
import { sharedApiServer } from '../../support/api-server.js';
import { EventLog, kubernetesStack, type KubernetesStack } from '../../support/kubernetes-stack.js';

const NAMESPACE = 'kubernetes-events';
const server = sharedApiServer();
const { signal } = new AbortController();
let stack: KubernetesStack;

beforeAll(async () => {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
  await server.client.send('POST', '/api/v1/namespaces', { body });
});

beforeEach(() => {
  stack = kubernetesStack({ kubeconfig: server.kubeconfigPath }, [NAMESPACE]);
});

afterEach(() => stack.close());
afterAll(() => server.stop());

const note = (text: string) => ({ type: 'Warning', reason: 'Blocked', action: 'Resolve', note: text }) as const;

/** The object and its events, as the API server keeps them. */
async function objectWithLog(name: string) {
  const object = await stack.client.create(CONFIG_MAPS, NAMESPACE, { metadata: { name } }, signal);
  const log = new EventLog(stack.informers.register(EVENTS, {}));
  stack.informers.start(signal);
  await stack.informers.waitForSync(signal);
  return { object, log };
}

describe('the event recorder against a real API server', () => {
  it('writes an event that kubectl finds by its object', async () => {
    const { object, log } = await objectWithLog('found');
    stack.events.record(object, note('the agent "a" does not exist'));
    await log.until(({ object: event }) => event.regarding?.uid === object.metadata.uid);
    const { code, stdout, stderr } = await server.kubectl(['describe', 'configmap', 'found', '-n', NAMESPACE]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/Warning\s+Blocked\s.*agents\.proompteng\.ai\/jangar.*the agent "a" does not exist/);
    // A program of its own, which first asks the server for all it can do: seconds on a busy machine.
  }, 30_000);

  it('keeps one event for repetitions', async () => {
    const { object, log } = await objectWithLog('repeated');
    for (let times = 0; times < 3; times += 1) stack.events.record(object, note('again'));
    await stack.events.stop();
    const mine = log.until(({ object: event }) => event.regarding?.name === 'repeated' && event.series?.count === 3);
    await mine;
    const events = await stack.client.list(EVENTS, NAMESPACE, { fieldSelector: 'regarding.name=repeated' }, signal);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ note: 'again', reportingInstance: 'jangar-test', series: { count: 3 } });
    expect(stack.eventResults).toContain('written');
  });

  it('stays within the bounds that the API server checks', async () => {
    const { object } = await objectWithLog('long');
    const long = { type: 'Normal', reason: 'R'.repeat(300), action: 'A'.repeat(300), note: 'ü'.repeat(3000) } as const;
    stack.events.record(object, long);
    await stack.events.stop();
    expect(stack.eventResults).toEqual(['written']);
  });

  it('drops events of a namespace that is gone', async () => {
    const { object } = await objectWithLog('lost');
    stack.events.record({ ...object, metadata: { ...object.metadata, namespace: 'nowhere' } }, note('one'));
    await stack.events.stop();
    expect(stack.eventResults).toEqual(['failed']);
    expect(stack.requested.filter((request) => request.startsWith('create'))).toEqual(['create 201', 'create 404']);
  });
});
