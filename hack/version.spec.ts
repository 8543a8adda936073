import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { parse } from 'yaml';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

it('is one version that package, chart, demo, examples and the reference image speak of', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  const chart = parse(read('charts/agents/Chart.yaml')) as { version: string; appVersion: string };
  const naming = [
    'hack/demo/git-server.yaml',
    'hack/demo/responses-endpoint.yaml',
    'examples/codex/provider.yaml',
    'apps/froussard/Dockerfile.codex',
  ];
  const images = naming.map((path) => [path, /\/(?:agent-runner|codex-agent):(\S+)/.exec(read(path))?.[1]]);
  expect([chart.version, chart.appVersion]).toEqual([version, version]);
  expect(images).toEqual(naming.map((path) => [path, version]));
});
