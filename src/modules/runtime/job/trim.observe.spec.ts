import { describe, expect, it } from '@jest/globals';
import { aJob } from '../../../../test/support/builders/job.js';
import { DEADLINE_ANNOTATIONS } from './job.types.js';
import { trimJob } from './trim.observe.js';

describe('a Job in the cache', () => {
  it('has of its annotations the deadlines that are read, and no pod template', () => {
    const job = aJob();
    const deadlines = { [DEADLINE_ANNOTATIONS.start]: '600', [DEADLINE_ANNOTATIONS.end]: '3690' };
    const annotations = { ...deadlines, 'example.com/notes': 'x'.repeat(10_000) };
    const trimmed = trimJob({
      ...job,
      metadata: { ...job.metadata, annotations },
      spec: { template: {} },
    });
    expect(trimmed.metadata.annotations).toEqual(deadlines);
    expect(trimmed).not.toHaveProperty('spec');
  });

  it('has no annotations when none of them is there', () => {
    const job = aJob();
    const trimmed = trimJob({ ...job, metadata: { ...job.metadata, annotations: { 'example.com/notes': 'x' } } });
    expect(trimmed.metadata).not.toHaveProperty('annotations');
  });
});
