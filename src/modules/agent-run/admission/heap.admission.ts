/**
 * A binary heap whose items can be moved and taken out again: the first item by `compare` in O(1), everything else in
 * O(log n). An item whose place has changed must be told of with `put` before the next one changes.
 */
export class Heap<T> {
  readonly #compare: (one: T, other: T) => number;
  readonly #items: T[] = [];
  readonly #places = new Map<T, number>();

  constructor(compare: (one: T, other: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  /** All items, in no particular order. */
  get items(): readonly T[] {
    return this.#items;
  }

  first(): T | undefined {
    return this.#items[0];
  }

  /** Adds the item, or finds its new place. */
  put(item: T): void {
    const place = this.#places.get(item) ?? this.#items.length;
    this.#set(place, item);
    this.#settle(place, item);
  }

  /** Takes the item out, if it is in. */
  remove(item: T): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    this.#places.delete(item);
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    this.#set(place, last);
    this.#settle(place, last);
  }

  #settle(place: number, item: T): void {
    this.#sink(this.#rise(place, item), item);
  }

  #rise(from: number, item: T): number {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#items[above] as T;
      if (this.#compare(parent, item) <= 0) break;
      this.#set(place, parent);
      place = above;
    }
    this.#set(place, item);
    return place;
  }

  #sink(from: number, item: T): void {
    let place = from;
    for (let child = this.#firstChild(place); child !== undefined; child = this.#firstChild(place)) {
      const below = this.#items[child] as T;
      if (this.#compare(item, below) <= 0) break;
      this.#set(place, below);
      place = child;
    }
    this.#set(place, item);
  }

  /** Place of the child that comes first. */
  #firstChild(place: number): number | undefined {
    const left = 2 * place + 1;
    if (left >= this.#items.length) return undefined;
    const right = left + 1;
    if (right >= this.#items.length) return left;
    return this.#compare(this.#items[left] as T, this.#items[right] as T) <= 0 ? left : right;
  }

  #set(place: number, item: T): void {
    this.#items[place] = item;
    this.#places.set(item, place);
  }
}
