import { describe, expect, it } from '@jest/globals';
import { aJob, aPod, held } from '../../../../test/support/builders/job.js';
import { observeJob } from './job.observe.js';
import type { Pod } from './job.types.js';

describe('what keeps an attempt from starting', () => {
  const pending = (status: Pod['status']) => aPod('Pending', status);
  const unschedulable = '0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: 0/3 x';

  it.each<[name: string, pod: Pod, expected: object | undefined]>([
    ['nothing yet', pending({}), undefined],
    ['a container that is being made', pending({ containerStatuses: [held('ContainerCreating')] }), undefined],
    [
      'no node',
      pending({
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: unschedulable }],
      }),
      { reason: 'Unschedulable', message: 'no node fits: Insufficient cpu' },
    ],
    [
      'a missing Secret',
      pending({ containerStatuses: [held('CreateContainerConfigError', 'secret "x" not found')] }),
      { reason: 'ContainerConfig', message: 'container "agent": secret "x" not found' },
    ],
    [
      'an image of a step',
      pending({ initContainerStatuses: [held('ErrImagePull', 'e', 'checkout')] }),
      { reason: 'ImagePull' },
    ],
  ])('%s', (_name, pod, expected) => {
    const observation = observeJob(aJob(), [pod]);
    expect('waiting' in observation ? observation.waiting : undefined).toEqual(
      expected === undefined ? undefined : expect.objectContaining(expected),
    );
  });

  it('says the same in turns of ErrImagePull and ImagePullBackOff, so that nothing is written for them', () => {
    const observe = (reason: string, message: string) =>
      observeJob(aJob(), [pending({ containerStatuses: [held(reason, message)] })]);
    expect(observe('ErrImagePull', 'not found')).toEqual(observe('ImagePullBackOff', 'Back-off pulling image'));
  });
});
