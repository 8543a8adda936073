import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { parse } from 'yaml';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

it('is one version that package, chart and demo speak of', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  const chart = parse(read('charts/agents/Chart.yaml')) as { version: string; appVersion: string };
  const images = [...read('hack/demo/git-server.yaml').matchAll(/image: \S+\/agent-runner:(\S+)/g)].map(
    ([, tag]) => tag,
  );
  expect([chart.version, chart.appVersion, ...images]).toEqual([version, version, version]);
});
