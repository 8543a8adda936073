import { sharedApiServer } from '../../support/api-server.js';
import { Candidate } from '../../support/candidate.js';
import { seededRandom } from '../../support/seeded-random.js';
import { VirtualTime } from '../../support/virtual-time.js';

const NAMESPACE = 'leader-elector';

const server = sharedApiServer();
const time = new VirtualTime();
const candidates: Candidate[] = [];

async function leader(identity: string, leaseName: string): Promise<Candidate> {
  const options = { server, time, namespace: NAMESPACE, leaseName, identity, random: seededRandom(1) };
  const candidate = await Candidate.create(options);
  candidates.push(candidate.campaign());
  await time.advance(0);
  expect(candidate.elector.isLeading()).toBe(true);
  return candidate;
}

const path = (leaseName: string) => `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/${leaseName}`;

async function leaseSpec(leaseName: string) {
  const { body } = await server.client.send('GET', path(leaseName));
  return (body as { spec: { holderIdentity: string; renewTime: string } }).spec;
}

beforeAll(async () => {
  await server.client.send('POST', '/api/v1/namespaces', { body: { metadata: { name: NAMESPACE } } });
});

afterEach(async () => {
  await Promise.all(candidates.splice(0).map((candidate) => candidate.end()));
});

afterAll(async () => {
  await server.stop();
});

// What goes wrong between the two is tested in ../faults/leader-elector.spec.ts.
describe('the elector on a real API server', () => {
  it('goes on after somebody else touched the Lease, and after it was deleted', async () => {
    const { elector, lost } = await leader('only', 'touched');
    const patch = { metadata: { annotations: { touched: 'yes' } } };
    await server.client.send('PATCH', path('touched'), { body: patch, contentType: 'application/merge-patch+json' });
    const { renewTime } = await leaseSpec('touched');
    await time.advance(2000);
    expect((await leaseSpec('touched')).renewTime).not.toBe(renewTime);
    await server.client.send('DELETE', path('touched'));
    await time.advance(2000);
    expect(await leaseSpec('touched')).toMatchObject({ holderIdentity: 'only' });
    expect(elector.isLeading()).toBe(true);
    expect(lost).toEqual([]);
  });

  it('leaves a Lease that kubectl can read, with whole times', async () => {
    await leader('reader', 'readable');
    const output = 'jsonpath={.spec.holderIdentity} {.spec.renewTime}';
    const { stdout } = await server.kubectl(['-n', NAMESPACE, 'get', 'lease', 'readable', '-o', output]);
    expect(stdout).toMatch(/^reader \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  });
});
