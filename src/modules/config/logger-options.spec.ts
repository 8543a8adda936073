import { pino } from 'pino';
import { loggerOptions } from './logger-options.js';

function logged(write: (logger: pino.Logger) => void, level: 'debug' | 'info' = 'info'): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  write(pino(loggerOptions({ log: { level } }).pinoHttp as pino.LoggerOptions, stream));
  return lines;
}

describe('loggerOptions', () => {
  it('writes level and time as words', () => {
    const [line] = logged((logger) => logger.info({ a: 1 }, 'hello'));
    expect(line).toMatchObject({ level: 'info', a: 1, msg: 'hello' });
    expect(line?.['time']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(Object.keys(line ?? {}).toSorted()).toEqual(['a', 'level', 'msg', 'time']);
  });

  it('leaves out what is below the configured level', () => {
    const write = (logger: pino.Logger) => logger.debug('quiet');
    expect(logged(write, 'info')).toEqual([]);
    expect(logged(write, 'debug')).toHaveLength(1);
  });

  it('shows of an error only name, message and stack', () => {
    const error = Object.assign(new Error('boom'), { response: { headers: { authorization: 'Bearer hunter2' } } });
    const [line] = logged((logger) => logger.error({ err: error }, 'failed'));
    expect(line?.['err']).toEqual({ type: 'Error', message: 'boom', stack: error.stack });
  });

  it('keeps an error that was described already', () => {
    const err = { type: 'ApiError', message: 'GET agents: 500 InternalError' };
    expect(logged((logger) => logger.warn({ err }, 'failed'))[0]?.['err']).toEqual(err);
  });

  it('shows of a request only method and path, which a query or a header with a secret is not part of', () => {
    const req = { method: 'GET', url: '/things?token=hunter2', headers: { authorization: 'Bearer hunter2' } };
    expect(logged((logger) => logger.info({ req }, 'done'))[0]?.['req']).toEqual({ method: 'GET', path: '/things' });
  });
});
