import { AGENT_POD_DEFAULTS } from '../../src/api/v1alpha1/agent.defaults.js';
import { sharedApiServer } from '../support/api-server.js';
import { Admission, type Plural, type StoredObject } from './support/admission.js';

const server = sharedApiServer();
const admission = new Admission(server, 'defaults');

beforeAll(async () => admission.makeNamespace());
afterAll(async () => server.stop());

const RUN = {
  agentRef: { name: 'a' },
  implementationRef: { name: 'b' },
  execution: { coordinates: { git: { url: 'https://git.example.com/a' } } },
};
const SOURCE = { provider: 'github', auth: { secretRef: { name: 's' } }, scope: { repository: 'a/b' } };
const MEMORY = { type: 'redis', connection: { secretRef: { name: 'm' } } };

/** What the object looks like once the API server has written its defaults. */
async function defaulted(plural: Plural, spec: object): Promise<unknown> {
  return ((await admission.tryCreate(plural, spec)).body as StoredObject).spec;
}

describe('the API server writes defaults', () => {
  it.each<[string, Plural, object, object]>([
    [
      'of an Agent',
      'agents',
      { providerRef: { name: 'p' } },
      { providerRef: { name: 'p' }, runtime: { type: 'job' }, pod: AGENT_POD_DEFAULTS },
    ],
    [
      'of an Agent beside what it says',
      'agents',
      { providerRef: { name: 'p' }, runtime: { job: {} }, pod: { runAsUser: 1000 } },
      {
        providerRef: { name: 'p' },
        runtime: { type: 'job', job: {} },
        pod: { ...AGENT_POD_DEFAULTS, runAsUser: 1000 },
      },
    ],
    ['of an AgentProvider', 'agentproviders', { binary: 'a' }, { binary: 'a', runner: 'image' }],
    [
      'of an ImplementationSource',
      'implementationsources',
      SOURCE,
      {
        ...SOURCE,
        auth: { secretRef: { name: 's', key: 'token' } },
        poll: { enabled: true, intervalSeconds: 60, fullSyncIntervalSeconds: 3600 },
        deletionPolicy: 'Delete',
      },
    ],
    [
      'of a Memory, but not its capabilities: they depend on its type',
      'memories',
      MEMORY,
      { ...MEMORY, healthCheck: { enabled: true, intervalSeconds: 60 } },
    ],
    ["of nothing in an AgentRun: what it leaves out is the Agent's", 'agentruns', RUN, RUN],
    ['of nothing in an ImplementationSpec', 'implementationspecs', { text: 'a' }, { text: 'a' }],
  ])('%s', async (_name, plural, spec, expected) => {
    expect(await defaulted(plural, spec)).toEqual(expected);
  });
});
