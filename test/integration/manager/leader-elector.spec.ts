import { LeaderElector } from '../../../src/modules/manager/leader-elector.js';
import type { Transport } from '../../../src/modules/kubernetes/transport.js';
import { ApiError } from '../../../src/modules/kubernetes/api-error.js';
import { sharedApiServer } from '../../support/api-server.js';
import { eventually } from '../../support/eventually.js';
import { FastClock } from '../../support/fast-clock.js';
import { kubernetesStack } from '../../support/kubernetes-stack.js';

const NAMESPACE = 'leader-elector';
/** The Lease's 15 s pass in 3 s: enough that a busy machine is not taken for a lost leader. */
const SPEED = 5;
const DEADLINE_MS = 30_000;

const server = sharedApiServer();
const stack = kubernetesStack({ kubeconfig: server.kubeconfigPath }, [NAMESPACE]);
const electors: LeaderElector[] = [];
const silent = { info: () => undefined, warn: () => undefined, debug: () => undefined };

function candidate(identity: string, leaseName: string) {
  const link = { up: true };
  const transport: Pick<Transport, 'request'> = {
    request: (request) =>
      link.up
        ? stack.transport.request(request)
        : Promise.reject(new ApiError({ method: request.method, target: 'leases', code: 0, reason: 'NetworkError' })),
  };
  const elector = new LeaderElector({
    transport,
    clock: new FastClock(SPEED),
    random: Math.random,
    logger: silent,
    namespace: NAMESPACE,
    leaseName,
    identity,
  });
  const lost: string[] = [];
  elector.start({ onAcquired: () => undefined, onLost: (reason) => void lost.push(reason) });
  electors.push(elector);
  return { elector, link, lost };
}

const path = (leaseName: string) => `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/${leaseName}`;

async function leaseSpec(leaseName: string) {
  const { body } = await server.client.send('GET', path(leaseName));
  return (body as { spec: { holderIdentity: string; leaseTransitions: number; renewTime: string } }).spec;
}

async function leads(elector: LeaderElector): Promise<void> {
  await eventually(() => expect(elector.isLeading()).toBe(true), DEADLINE_MS);
}

beforeAll(async () => {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
  await server.client.send('POST', '/api/v1/namespaces', { body });
});

afterEach(async () => {
  await Promise.all(electors.splice(0).map((elector) => elector.stop({ release: true })));
});

afterAll(async () => {
  await stack.close();
  await server.stop();
});

describe('the elector on a real API server', () => {
  it('lets one of two lead, and the other as soon as the first releases the Lease', async () => {
    const first = candidate('first', 'handover');
    await leads(first.elector);
    const second = candidate('second', 'handover');
    await eventually(() => expect(second.elector.health().holder).toBe('first'));
    await first.elector.stop({ release: true });
    await leads(second.elector);
    expect(await leaseSpec('handover')).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
    expect(first.lost).toEqual([]);
  }, 60_000);

  it('makes exactly one of five that start together the leader', async () => {
    const five = Array.from({ length: 5 }, (_, n) => candidate(`c-${n}`, 'crowd').elector);
    await eventually(() => {
      expect(five.every((elector) => elector.health().holder !== '')).toBe(true);
      expect(five.filter((elector) => elector.isLeading())).toHaveLength(1);
    }, DEADLINE_MS);
  }, 60_000);

  it('never lets two lead at once when the leader is cut off', async () => {
    const first = candidate('first', 'cut-off');
    await leads(first.elector);
    const second = candidate('second', 'cut-off');
    await eventually(() => expect(second.elector.health().holder).toBe('first'));
    first.link.up = false;
    let together = 0;
    await eventually(() => {
      const [one, other] = [first.elector.isLeading(), second.elector.isLeading()];
      if (one && other) together += 1;
      expect(other).toBe(true);
    }, DEADLINE_MS);
    expect(together).toBe(0);
    expect(first.lost).toEqual(['it was not renewed in time']);
  }, 60_000);

  it('goes on after somebody else touched the Lease, and after it was deleted', async () => {
    const { elector, lost } = candidate('only', 'touched');
    await leads(elector);
    const patch = { metadata: { annotations: { touched: 'yes' } } };
    await server.client.send('PATCH', path('touched'), { body: patch, contentType: 'application/merge-patch+json' });
    const { renewTime } = await leaseSpec('touched');
    await eventually(async () => expect((await leaseSpec('touched')).renewTime).not.toBe(renewTime));
    await server.client.send('DELETE', path('touched'));
    await eventually(async () => expect((await leaseSpec('touched')).holderIdentity).toBe('only'));
    expect(elector.isLeading()).toBe(true);
    expect(lost).toEqual([]);
  }, 60_000);

  it('leaves a Lease that kubectl can read, with whole times', async () => {
    const { elector } = candidate('reader', 'readable');
    await leads(elector);
    const args = [
      '-n',
      NAMESPACE,
      'get',
      'lease',
      'readable',
      '-o',
      'jsonpath={.spec.holderIdentity} {.spec.renewTime}',
    ];
    const { stdout } = await server.kubectl(args);
    expect(stdout).toMatch(/^reader \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  });
});
