import type { KubernetesObject, OwnerReference } from './object.js';
import { controllerReference, isControlledBy } from './owner-reference.js';

const run: KubernetesObject = {
  apiVersion: 'agents.proompteng.ai/v1alpha1',
  kind: 'AgentRun',
  metadata: {
    name: 'fix-login',
    namespace: 'team',
    uid: 'u-1',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
};

const childOf = (...ownerReferences: OwnerReference[]): KubernetesObject => ({
  ...run,
  kind: 'Job',
  metadata: { ...run.metadata, ownerReferences },
});

describe('controllerReference', () => {
  it('names the owner as controller and never blocks its deletion', () => {
    expect(controllerReference(run)).toEqual({
      apiVersion: 'agents.proompteng.ai/v1alpha1',
      kind: 'AgentRun',
      name: 'fix-login',
      uid: 'u-1',
      controller: true,
      blockOwnerDeletion: false,
    });
  });
});

describe('isControlledBy', () => {
  it.each<[string, KubernetesObject, boolean]>([
    ['the controller with that uid', childOf(controllerReference(run)), true],
    ['a controller of the same name with another uid', childOf({ ...controllerReference(run), uid: 'u-2' }), false],
    [
      'an owner with that uid that is not the controller',
      childOf({ ...controllerReference(run), controller: false }),
      false,
    ],
    ['no owner at all', run, false],
  ])('decides on %s', (_name, child, expected) => {
    expect(isControlledBy(child, 'u-1')).toBe(expected);
  });
});
