import { FakeClock } from '../../../test/support/fake-clock.js';
import { EventBacklog, type EventSeries } from './event-backlog.js';
import type { Regarding } from './event.manifest.js';

const run: Regarding = {
  apiVersion: 'v1',
  kind: 'AgentRun',
  namespace: 'a',
  name: 'r',
  uid: 'u',
  resourceVersion: '1',
};
const note = (text: string) => ({ type: 'Normal', reason: 'R', action: 'A', note: text }) as const;

function backlogOf() {
  const clock = new FakeClock();
  return { clock, backlog: new EventBacklog(clock) };
}

/** Takes the next one out as if it had just been written. */
function write(backlog: EventBacklog, clock: FakeClock): EventSeries | undefined {
  const series = backlog.next();
  if (series !== undefined) series.written = { count: series.count, atMs: clock.monotonicMs() };
  return series;
}

describe('EventBacklog', () => {
  it('gives events in the order in which they came', () => {
    const { backlog } = backlogOf();
    backlog.add(run, note('one'));
    backlog.add(run, note('two'));
    expect([backlog.next(), backlog.next(), backlog.next()].map((series) => series?.input.note)).toEqual([
      'one',
      'two',
      undefined,
    ]);
    expect(backlog.empty).toBe(true);
  });

  it('counts a repetition of what still waits', async () => {
    const { backlog, clock } = backlogOf();
    backlog.add(run, note('one'));
    await clock.advance(1000);
    backlog.add({ ...run, resourceVersion: '2' }, note('one'));
    expect(backlog.next()).toMatchObject({ count: 2, lastAt: new Date('2026-01-13T09:00:01.000Z') });
    expect(backlog.empty).toBe(true);
  });

  it('brings a written series up to date at most once a minute', async () => {
    const { backlog, clock } = backlogOf();
    backlog.add(run, note('one'));
    write(backlog, clock);
    await clock.advance(59_999);
    backlog.add(run, note('one'));
    expect(backlog.empty).toBe(true);
    await clock.advance(1);
    backlog.add(run, note('one'));
    expect(write(backlog, clock)?.count).toBe(3);
  });

  it('begins a new event after six quiet minutes', async () => {
    const { backlog, clock } = backlogOf();
    backlog.add(run, note('one'));
    write(backlog, clock);
    await clock.advance(6 * 60_000);
    backlog.add(run, note('one'));
    expect(backlog.next()).toMatchObject({ count: 1, written: undefined });
  });

  it('goes on with a series that is seen again and again', async () => {
    const { backlog, clock } = backlogOf();
    for (let minutes = 0; minutes <= 20; minutes += 5) {
      backlog.add(run, note('one'));
      write(backlog, clock);
      await clock.advance(5 * 60_000);
    }
    backlog.add(run, note('one'));
    expect(backlog.next()?.count).toBe(6);
  });

  it('loses what comes when it is full, but counts repetitions', () => {
    const { backlog } = backlogOf();
    const accepted = Array.from({ length: 1001 }, (_, n) => backlog.add(run, note(String(n))));
    expect(accepted.indexOf(false)).toBe(1000);
    expect(backlog.add(run, note('0'))).toBe(true);
    expect(backlog.next()?.count).toBe(2);
  });

  it('queues at the end what has been counted but not written', () => {
    const { backlog, clock } = backlogOf();
    backlog.add(run, note('one'));
    backlog.add(run, note('two'));
    write(backlog, clock);
    write(backlog, clock);
    backlog.add(run, note('two'));
    backlog.queueUnwritten();
    expect([backlog.next()?.input.note, backlog.empty]).toEqual(['two', true]);
  });

  it('tells how many it has thrown away', () => {
    const { backlog } = backlogOf();
    backlog.add(run, note('one'));
    expect([backlog.clear(), backlog.clear()]).toEqual([1, 0]);
  });
});
