import { AGENT_RUNS, apiVersionOf, JOBS, PODS, resourcePath } from './resource.js';

describe('resourcePath', () => {
  it.each([
    ['a collection of the core group', resourcePath(PODS, 'a'), '/api/v1/namespaces/a/pods'],
    ['a collection over all namespaces', resourcePath(JOBS, undefined), '/apis/batch/v1/jobs'],
    ['an object', resourcePath(JOBS, 'a', 'j'), '/apis/batch/v1/namespaces/a/jobs/j'],
    [
      'a sub-resource',
      resourcePath(AGENT_RUNS, 'a', 'r', 'status'),
      '/apis/agents.proompteng.ai/v1alpha1/namespaces/a/agentruns/r/status',
    ],
    [
      'a name that would leave its place',
      resourcePath(PODS, 'a', '../secrets'),
      '/api/v1/namespaces/a/pods/..%2Fsecrets',
    ],
  ])('names %s', (_name, path, expected) => {
    expect(path).toBe(expected);
  });
});

describe('apiVersionOf', () => {
  it('leaves out the core group', () => {
    expect([apiVersionOf(PODS), apiVersionOf(JOBS)]).toEqual(['v1', 'batch/v1']);
  });
});
