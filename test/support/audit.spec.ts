import { creatorsOf, writesOf } from './audit.js';
import type { AuditEvent } from './cluster.js';

function anEvent(
  verb: string,
  resource: string,
  more: Partial<AuditEvent> & { code?: number; sub?: string } = {},
): AuditEvent {
  const { code = 201, sub, ...fields } = more;
  return {
    auditID: 'a',
    stage: 'ResponseComplete',
    verb,
    requestURI: '/',
    user: { username: 'jangar' },
    objectRef: { resource, name: 'x', ...(sub !== undefined && { subresource: sub }) },
    responseStatus: { code },
    requestReceivedTimestamp: '2026-01-01T00:01:00.000000Z',
    stageTimestamp: '2026-01-01T00:01:00.000000Z',
    ...fields,
  };
}

describe('the creators of a resource', () => {
  it('are found once each, without those refused or of other resources and sub-resources', () => {
    const events = [
      anEvent('create', 'pods'),
      anEvent('create', 'pods'),
      anEvent('create', 'pods', { user: { username: 'other' } }),
      anEvent('create', 'pods', { user: { username: 'late' }, code: 409 }),
      anEvent('create', 'pods', { user: { username: 'binder' }, sub: 'binding' }),
      anEvent('create', 'jobs', { user: { username: 'controller' } }),
      anEvent('update', 'pods', { code: 200 }),
    ];
    expect(creatorsOf('pods', events)).toEqual(['jangar', 'other']);
  });
});

describe('writes in the audit log', () => {
  const span = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-01-01T00:05:00Z') };

  it.each([
    ['a write', anEvent('patch', 'agentruns', { sub: 'status', code: 200 }), ['patch agentruns/status x']],
    ['one that was refused', anEvent('create', 'jobs', { code: 403 }), ['create jobs x']],
    ['no read', anEvent('list', 'agentruns', { code: 200 }), []],
    ['no watch', anEvent('watch', 'agentruns', { code: 200 }), []],
    ['nobody else’s', anEvent('patch', 'agentruns', { user: { username: 'other' } }), []],
    ['none before', anEvent('patch', 'x', { requestReceivedTimestamp: '2025-12-31T23:59:59.999999Z' }), []],
    ['none after', anEvent('patch', 'x', { requestReceivedTimestamp: '2026-01-01T00:05:00.100000Z' }), []],
  ])('are found: %s', (_name, event, expected) => {
    expect(writesOf('jangar', span, [event])).toEqual(expected);
  });
});
