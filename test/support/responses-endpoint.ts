import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Installation } from './installation.js';
import { type Applied, aConfigMap, aSecret } from './run-objects.js';

const DEMO = fileURLToPath(new URL('../../hack/demo/', import.meta.url));

/** How the double of a Responses endpoint behaves: the list is at the top of hack/demo/responses-endpoint.ts. */
export type Behaviour = 'work' | 'stall' | 'limited' | 'quota' | 'refused';

/** Serves the double of a Responses endpoint (no model answers, a script does) inside the cluster. */
export async function serveResponses(installation: Installation): Promise<void> {
  const program = await readFile(`${DEMO}responses-endpoint.ts`, 'utf8');
  await installation.apply(aConfigMap('responses-endpoint', { 'responses-endpoint.ts': program }));
  await installation.kubectl(['apply', '--filename', `${DEMO}responses-endpoint.yaml`]);
  await installation.kubectl(['rollout', 'status', 'deployment/responses-endpoint', '--timeout=2m']);
}

/** The Secret of an agent whose endpoint behaves like that. */
export function anEndpoint(name: string, behaviour: Behaviour, apiKey: string): Applied {
  return aSecret(name, { 'base-url': `http://responses-endpoint/${behaviour}/v1`, 'api-key': apiKey });
}
