import fc from 'fast-check';
import { Heap } from './heap.admission.js';

interface Item {
  id: number;
  rank: number;
}

const inOrder = (one: Item, other: Item): number => one.rank - other.rank || one.id - other.id;

/** One thing done to an item: given a rank, or taken out. */
const changes = fc.array(fc.record({ id: fc.nat(12), rank: fc.option(fc.nat(8), { nil: undefined }) }), {
  maxLength: 60,
});

describe('Heap', () => {
  it('gives its items in order, whatever was added, moved and taken out before', () => {
    fc.assert(
      fc.property(changes, (steps) => {
        const heap = new Heap(inOrder);
        const items = new Map<number, Item>();
        for (const { id, rank } of steps) {
          const item = items.get(id) ?? { id, rank: 0 };
          items.set(id, item);
          if (rank === undefined) {
            heap.remove(item);
            items.delete(id);
          } else {
            item.rank = rank;
            heap.put(item);
          }
          expect(heap.first()).toBe([...items.values()].toSorted(inOrder)[0]);
          expect(heap.size).toBe(items.size);
        }
        const drained: Item[] = [];
        for (let first = heap.first(); first !== undefined; first = heap.first()) {
          drained.push(first);
          heap.remove(first);
        }
        expect(drained).toEqual([...items.values()].toSorted(inOrder));
      }),
    );
  });

  it('takes no notice of the removal of what it does not have', () => {
    const heap = new Heap(inOrder);
    heap.put({ id: 1, rank: 1 });
    heap.remove({ id: 1, rank: 1 });
    expect(heap.items).toEqual([{ id: 1, rank: 1 }]);
  });
});
