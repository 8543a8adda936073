import { describeError } from './describe-error.js';

describe('describeError', () => {
  it('keeps name, message and stack and drops every other property', () => {
    const error = Object.assign(new TypeError('boom'), { headers: { authorization: 'Bearer hunter2' } });
    expect(describeError(error, true)).toEqual({ type: 'TypeError', message: 'boom', stack: error.stack });
  });

  it('leaves out the stack when it is not asked for', () => {
    expect(describeError(new Error('boom'), false)).toEqual({ type: 'Error', message: 'boom' });
  });

  it('bounds message and stack', () => {
    const { message, stack } = describeError(new Error('x'.repeat(100_000)), true);
    expect(message.length).toBeLessThanOrEqual(1024);
    expect(stack?.length).toBeLessThanOrEqual(8192);
  });

  it.each([
    ['text', 'oops', { type: 'string', message: 'oops' }],
    ['an object', { token: 'hunter2' }, { type: 'object', message: 'something that is not an Error was thrown' }],
    ['nothing', undefined, { type: 'undefined', message: 'something that is not an Error was thrown' }],
  ])('describes a thrown value that is no Error: %s', (_, thrown, expected) => {
    expect(describeError(thrown, true)).toEqual(expected);
  });
});
