import type { ApiEndpoint } from './api-client.js';

/** A kubeconfig for the endpoint, as JSON, which is YAML too. */
export function kubeconfig({ url, certificate, token }: ApiEndpoint, namespace = 'default'): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'test',
        cluster: { server: url, 'certificate-authority-data': Buffer.from(certificate).toString('base64') },
      },
    ],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin', namespace } }],
    'current-context': 'test',
  });
}
