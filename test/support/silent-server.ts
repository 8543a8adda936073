import type { Applied } from './run-objects.js';

const SECURITY = { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } };

/** A Service whose one pod, of the same name, accepts every connection and never answers. */
export function aSilentServer(name: string): Applied[] {
  const program = 'IO::Socket::INET->new(Listen => 64, LocalPort => 8080) or die; sleep';
  const container = {
    name,
    image: 'docker.io/library/debian:bookworm-slim',
    command: ['perl', '-MIO::Socket::INET', '-e', `my $socket = ${program}`],
    readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
  const metadata = { name, labels: { app: name } };
  const pod = { terminationGracePeriodSeconds: 1, securityContext: SECURITY, containers: [container] };
  const service = { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] };
  return [
    { apiVersion: 'v1', kind: 'Pod', metadata, spec: pod },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: service },
  ];
}
