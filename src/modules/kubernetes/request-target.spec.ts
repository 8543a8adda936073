import { requestTarget, type Method } from './request-target.js';

describe('requestTarget', () => {
  it.each<[string, Method, string, boolean, string, string]>([
    ['an object of a group', 'GET', '/apis/batch/v1/namespaces/a/jobs/j', false, 'get', 'jobs a/j'],
    ['an object of the core group', 'DELETE', '/api/v1/namespaces/a/pods/p', false, 'delete', 'pods a/p'],
    ['a collection in a namespace', 'GET', '/api/v1/namespaces/a/pods', false, 'list', 'pods a'],
    ['a collection over all namespaces', 'GET', '/apis/batch/v1/jobs', false, 'list', 'jobs'],
    ['a watch', 'GET', '/apis/batch/v1/namespaces/a/jobs', true, 'watch', 'jobs a'],
    ['a creation', 'POST', '/apis/batch/v1/namespaces/a/jobs', false, 'create', 'jobs a'],
    ['a sub-resource', 'PATCH', '/apis/x/v1/namespaces/a/runs/r/status', false, 'patch', 'runs/status a/r'],
    ['a namespace itself', 'GET', '/api/v1/namespaces/a', false, 'get', 'namespaces a'],
    ['an update', 'PUT', '/apis/g/v1/namespaces/a/leases/l', false, 'update', 'leases a/l'],
  ])('reads %s', (_name, method, path, watch, verb, text) => {
    expect(requestTarget(method, path, watch)).toEqual({ verb, text });
  });
});
