import type { KubernetesObject } from '../../api/meta/object.js';
import type { InformerEvent } from './informer.js';
import { ObjectStore, type StoreOptions } from './object-store.js';
import { CONFIG_MAPS } from './resource.js';
import type { ConfigMap } from './wire.js';

const map = (name: string, uid: string, resourceVersion: string, more: Partial<ConfigMap> = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'a', uid, resourceVersion, creationTimestamp: '2026-01-13T09:00:00Z' },
  ...more,
});

const inNamespace = (namespace: string, object: ConfigMap): ConfigMap => ({
  ...object,
  metadata: { ...object.metadata, namespace },
});

const describeEvent = ({ type, object }: InformerEvent<KubernetesObject>): string =>
  `${type} ${object.metadata.namespace ?? ''}/${object.metadata.name} ${object.metadata.uid}@${object.metadata.resourceVersion}`;

function storeWith(options: StoreOptions<ConfigMap> = {}) {
  const defects: string[] = [];
  const store = new ObjectStore(CONFIG_MAPS, (what, error) => defects.push(`${what}: ${String(error)}`));
  store.configure(options);
  const events: InformerEvent<ConfigMap>[] = [];
  store.onEvent((event) => events.push(event));
  return { store, sink: sinkOf(store, 'a'), events, defects, seen: () => events.splice(0).map(describeEvent) };
}

/** As a reflector feeds it: what is listed is prepared first. */
function sinkOf(store: ObjectStore<ConfigMap>, namespace: string | undefined) {
  const sink = store.sink(namespace);
  const replace = (listed: readonly ConfigMap[]): void => {
    sink.replace(listed.map((object) => sink.prepare(object)));
  };
  return { ...sink, replace };
}

describe('the events of a store', () => {
  it('tell what came, changed and went', () => {
    const { sink, seen } = storeWith();
    sink.replace([map('one', 'u1', '1')]);
    sink.upsert(map('two', 'u2', '2'));
    sink.upsert(map('one', 'u1', '3'));
    sink.remove(map('two', 'u2', '4'));
    expect(seen()).toEqual(['added a/one u1@1', 'added a/two u2@2', 'updated a/one u1@3', 'deleted a/two u2@4']);
  });

  it('carry the state before and, for a deletion, the last state', () => {
    const { sink, events } = storeWith();
    sink.upsert(map('one', 'u1', '1', { data: { n: '1' } }));
    sink.upsert(map('one', 'u1', '2', { data: { n: '2' } }));
    sink.remove(map('one', 'u1', '3', { data: { n: '3' } }));
    expect(events.map(({ object, previous }) => [previous?.data?.n, object.data?.n])).toEqual([
      [undefined, '1'],
      ['1', '2'],
      ['2', '3'],
    ]);
  });

  it('tell a re-created object as deleted and added, from a watch', () => {
    const { store, sink, seen } = storeWith();
    sink.upsert(map('one', 'u1', '1'));
    sink.upsert(map('one', 'u2', '5'));
    expect(seen()).toEqual(['added a/one u1@1', 'deleted a/one u1@1', 'added a/one u2@5']);
    expect(store.get('a', 'one')?.metadata.uid).toBe('u2');
  });

  it('tell a re-created object as deleted and added, from a list after a gap', () => {
    const { sink, seen } = storeWith();
    sink.replace([map('one', 'u1', '1'), map('two', 'u2', '1')]);
    seen();
    sink.replace([map('one', 'u3', '9'), map('two', 'u2', '1')]);
    expect(seen()).toEqual(['deleted a/one u1@1', 'added a/one u3@9']);
  });

  it('repeat nothing for a list that brings nothing new', () => {
    const { sink, seen } = storeWith();
    sink.replace([map('one', 'u1', '1')]);
    seen();
    sink.replace([map('one', 'u1', '1')]);
    expect(seen()).toEqual([]);
  });

  it('tell what a list no longer has, with its last known state', () => {
    const { sink, seen } = storeWith();
    sink.replace([map('one', 'u1', '1'), map('two', 'u2', '2')]);
    seen();
    sink.replace([map('two', 'u2', '3')]);
    expect(seen()).toEqual(['deleted a/one u1@1', 'updated a/two u2@3']);
  });

  it('do not order resource versions as numbers', () => {
    const { sink, seen } = storeWith();
    sink.upsert(map('one', 'u1', '100'));
    sink.upsert(map('one', 'u1', '99'));
    expect(seen()).toEqual(['added a/one u1@100', 'updated a/one u1@99']);
  });

  it('ignore the end of an object whose namesake is there already, and of one that never was', () => {
    const { store, sink, seen } = storeWith();
    sink.upsert(map('one', 'u2', '5'));
    seen();
    sink.remove(map('one', 'u1', '6'));
    sink.remove(map('two', 'u9', '7'));
    expect(seen()).toEqual([]);
    expect(store.get('a', 'one')?.metadata.uid).toBe('u2');
  });

  it('begin with what is there for a handler that comes late', () => {
    const { store, sink } = storeWith();
    sink.upsert(map('one', 'u1', '1'));
    const late: string[] = [];
    store.onEvent((event) => late.push(describeEvent(event)));
    expect(late).toEqual(['added a/one u1@1']);
  });

  it('reach every handler although one throws', () => {
    const { store, sink, seen, defects } = storeWith();
    store.onEvent(() => {
      throw new Error('broken handler');
    });
    const after: string[] = [];
    store.onEvent((event) => after.push(event.type));
    sink.upsert(map('one', 'u1', '1'));
    expect(seen()).toHaveLength(1);
    expect(after).toEqual(['added']);
    expect(defects).toEqual(['handler of ConfigMap events: Error: broken handler']);
  });
});

describe('the namespaces of a store', () => {
  it('are fed one by one: a list of one says nothing about another', () => {
    const { store, sink, seen } = storeWith();
    const other = sinkOf(store, 'b');
    sink.replace([map('one', 'u1', '1')]);
    other.replace([inNamespace('b', map('one', 'u2', '1'))]);
    seen();
    sink.replace([]);
    expect(seen()).toEqual(['deleted a/one u1@1']);
    expect(store.list().map(({ metadata }) => metadata.namespace)).toEqual(['b']);
  });

  it('are all covered by a list over all of them', () => {
    const { store, seen } = storeWith();
    const all = sinkOf(store, undefined);
    all.replace([map('one', 'u1', '1'), inNamespace('b', map('one', 'u2', '1'))]);
    seen();
    all.replace([map('one', 'u1', '1')]);
    expect(seen()).toEqual(['deleted b/one u2@1']);
  });
});

describe('the objects of a store', () => {
  it('are frozen all the way down and have no managedFields', () => {
    const { store, sink } = storeWith();
    const received = map('one', 'u1', '1', { data: { n: '1' } });
    Object.assign(received.metadata, { managedFields: [{ manager: 'm' }] });
    sink.upsert(received);
    const object = store.get('a', 'one');
    expect(object?.metadata).not.toHaveProperty('managedFields');
    expect([object, object?.metadata, object?.data].every((part) => Object.isFrozen(part))).toBe(true);
  });

  it('are trimmed, also the last state of a deleted one', () => {
    const trim = ({ apiVersion, kind, metadata }: ConfigMap): ConfigMap => ({ apiVersion, kind, metadata });
    const { store, sink, events } = storeWith({ trim });
    sink.upsert(map('one', 'u1', '1', { data: { n: '1' } }));
    expect(store.get('a', 'one')).not.toHaveProperty('data');
    sink.remove(map('one', 'u1', '2', { data: { n: '1' } }));
    expect(events.at(-1)?.object).not.toHaveProperty('data');
  });

  it('are trimmed and frozen before a list is complete', () => {
    const trim = ({ apiVersion, kind, metadata }: ConfigMap): ConfigMap => ({ apiVersion, kind, metadata });
    const { store } = storeWith({ trim });
    const sink = store.sink('a');
    const prepared = sink.prepare(map('one', 'u1', '1', { data: { n: '1' } }));
    expect(prepared).not.toHaveProperty('data');
    expect(Object.isFrozen(prepared)).toBe(true);
    expect(store.list()).toEqual([]);
    sink.replace([prepared]);
    expect(store.get('a', 'one')).toBe(prepared);
  });

  it('are there once, although a list after a gap repeats them', () => {
    const { store, sink } = storeWith();
    sink.replace([map('one', 'u1', '1'), map('two', 'u2', '1')]);
    expect(sink.prepare(map('one', 'u1', '1'))).toBe(store.get('a', 'one'));
    expect(sink.prepare(map('two', 'u2', '3'))).not.toBe(store.get('a', 'two'));
    expect(sink.prepare(map('two', 'u9', '1'))).not.toBe(store.get('a', 'two'));
  });

  it('are kept whole when trimming fails', () => {
    const { store, sink, defects } = storeWith({
      trim: () => {
        throw new Error('broken trim');
      },
    });
    sink.upsert(map('one', 'u1', '1', { data: { n: '1' } }));
    expect(store.get('a', 'one')?.data).toEqual({ n: '1' });
    expect(defects).toEqual(['trim of ConfigMap: Error: broken trim']);
  });
});

describe('the indexes of a store', () => {
  const indexes = { team: ({ data }: ConfigMap) => (data?.team ?? '').split(',').filter(Boolean) };
  const names = (objects: readonly ConfigMap[]): string[] => objects.map(({ metadata }) => metadata.name);

  it('follow each change', () => {
    const { store, sink } = storeWith({ indexes });
    sink.upsert(map('one', 'u1', '1', { data: { team: 'red,blue' } }));
    sink.upsert(map('two', 'u2', '1', { data: { team: 'blue' } }));
    expect(names(store.byIndex('team', 'blue'))).toEqual(['one', 'two']);
    sink.upsert(map('one', 'u1', '2', { data: { team: 'green' } }));
    expect(['red', 'blue', 'green'].map((team) => names(store.byIndex('team', team)))).toEqual([[], ['two'], ['one']]);
    sink.remove(map('two', 'u2', '3'));
    expect(names(store.byIndex('team', 'blue'))).toEqual([]);
  });

  it('are up to date when a handler is told', () => {
    const { store, sink } = storeWith({ indexes });
    const counts: number[] = [];
    store.onEvent(() => counts.push(store.byIndex('team', 'red').length));
    sink.upsert(map('one', 'u1', '1', { data: { team: 'red' } }));
    sink.remove(map('one', 'u1', '2'));
    expect(counts).toEqual([1, 0]);
  });

  it('add up over registrations and may be asked for again', () => {
    const { store, sink } = storeWith({ indexes });
    store.configure({ indexes: { ...indexes, uid: ({ metadata }) => [metadata.uid] } });
    sink.upsert(map('one', 'u1', '1', { data: { team: 'red' } }));
    expect(names(store.byIndex('uid', 'u1'))).toEqual(['one']);
    expect(names(store.byIndex('team', 'red'))).toEqual(['one']);
  });

  it('leave out an object whose function throws, and nothing else', () => {
    const { store, sink, defects } = storeWith({
      indexes: { first: ({ data }) => [data?.list?.split(',')[0] ?? fail()] },
    });
    sink.upsert(map('one', 'u1', '1'));
    sink.upsert(map('two', 'u2', '1', { data: { list: 'x' } }));
    sink.remove(map('one', 'u1', '2'));
    expect(names(store.list())).toEqual(['two']);
    expect(names(store.byIndex('first', 'x'))).toEqual(['two']);
    expect(defects).toEqual(['index function: Error: no list']);
  });

  it.each<[string, StoreOptions<ConfigMap>, string]>([
    ['another index of the same name', { indexes: { team: () => [] } }, 'two different indexes "team"'],
    ['another trim', { trim: (object) => ({ ...object }) }, 'two different trims'],
  ])('reject %s', (_name, options, message) => {
    const { store } = storeWith({ indexes, trim: (object) => object });
    expect(() => store.configure(options)).toThrow(message);
  });

  it('must exist to be asked', () => {
    expect(() => storeWith().store.byIndex('nobody', 'x')).toThrow('ConfigMap has no index "nobody"');
  });
});

function fail(): never {
  throw new Error('no list');
}
