export type IndexFunction<T> = (object: T) => readonly string[];

/** Told of what handlers, indexes and trims throw: their defects must not stop the cache. */
export type DefectReport = (what: string, error: unknown) => void;

/** Objects by what a function says of them. */
export class ObjectIndex<T> {
  readonly values: IndexFunction<T>;
  readonly #report: DefectReport;
  readonly #byValue = new Map<string, Set<T>>();
  /** What each object was filed under: the function may not say the same twice. */
  readonly #filed = new Map<T, readonly string[]>();

  constructor(values: IndexFunction<T>, report: DefectReport) {
    this.values = values;
    this.#report = report;
  }

  get(value: string): readonly T[] {
    return [...(this.#byValue.get(value) ?? [])];
  }

  replace(previous: T | undefined, next: T | undefined): void {
    if (previous !== undefined) this.#drop(previous);
    if (next !== undefined) this.#file(next);
  }

  #file(object: T): void {
    const values = this.#valuesOf(object);
    this.#filed.set(object, values);
    for (const value of values) {
      const objects = this.#byValue.get(value);
      if (objects === undefined) this.#byValue.set(value, new Set([object]));
      else objects.add(object);
    }
  }

  #drop(object: T): void {
    for (const value of this.#filed.get(object) ?? []) {
      const objects = this.#byValue.get(value);
      objects?.delete(object);
      if (objects?.size === 0) this.#byValue.delete(value);
    }
    this.#filed.delete(object);
  }

  #valuesOf(object: T): readonly string[] {
    try {
      return this.values(object);
    } catch (error) {
      this.#report('index function', error);
      return [];
    }
  }
}
