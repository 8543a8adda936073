import { isAbsolute, normalize } from 'node:path';
import { patternProblem } from '../domain/failure-rule.js';

interface StringRules {
  mayBeEmpty?: boolean;
  /** Only file content may: execve(2) and paths end at the first NUL. */
  mayHoldNul?: boolean;
}

interface NumberRules {
  above?: number;
  min?: number;
  max: number;
  integer?: boolean;
}

/**
 * Reads typed values out of parsed JSON and collects what is wrong instead of stopping at the first problem.
 * After a problem the returned value is a placeholder: check `problems` before using anything.
 */
export class SpecReader {
  readonly #fields: Record<string, unknown>;

  constructor(
    value: unknown,
    private readonly path = '',
    readonly problems: string[] = [],
  ) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    this.#fields = isObject ? { ...value } : {};
    if (!isObject) this.problems.push(`${path === '' ? 'the document' : path} must be an object`);
  }

  has(field: string): boolean {
    return this.#fields[field] !== undefined;
  }

  object(field: string): SpecReader {
    return new SpecReader(this.#fields[field], this.#at(field), this.problems);
  }

  string(field: string, rules: StringRules = {}): string {
    return this.#checkedString(this.#fields[field], this.#at(field), rules);
  }

  boolean(field: string): boolean {
    const value = this.#fields[field];
    if (typeof value === 'boolean') return value;
    return this.#problem(field, 'must be true or false', false);
  }

  number(field: string, rules: NumberRules): number {
    const value = this.#fields[field];
    if (typeof value !== 'number' || !Number.isFinite(value)) return this.#problem(field, 'must be a number', 0);
    if (rules.integer === true && !Number.isInteger(value)) return this.#problem(field, 'must be a whole number', 0);
    if (rules.above !== undefined && value <= rules.above)
      return this.#problem(field, `must be above ${rules.above}`, 0);
    if (rules.min !== undefined && value < rules.min) return this.#problem(field, `must be at least ${rules.min}`, 0);
    if (value > rules.max) return this.#problem(field, `must be at most ${rules.max}`, 0);
    return value;
  }

  oneOf<T extends string>(field: string, values: readonly [T, ...T[]]): T {
    const value = this.#fields[field];
    const found = values.find((each) => each === value);
    return found ?? this.#problem(field, `must be one of ${values.join(', ')}`, values[0]);
  }

  integers(field: string): number[] {
    const values = this.#array(field);
    if (values.every((value): value is number => Number.isSafeInteger(value))) return values;
    return this.#problem(field, 'must be a list of whole numbers', []);
  }

  pattern(field: string): string {
    const value = this.string(field);
    const problem = patternProblem(value);
    return problem === undefined ? value : this.#problem(field, `is ${problem}`, '');
  }

  absolutePath(field: string): string {
    const value = this.string(field);
    if (value !== '' && !isAbsolute(value)) return this.#problem(field, 'must be an absolute path', '');
    return value;
  }

  /** Relative and, read as text, below its base. Symlinks are the business of whoever opens it. */
  relativePath(field: string): string {
    const value = this.string(field);
    if (isAbsolute(value)) return this.#problem(field, `must be a relative path, not "${value}"`, '');
    if (value !== '' && normalize(value).split('/')[0] === '..') {
      return this.#problem(field, `must not leave its directory: "${value}"`, '');
    }
    return value;
  }

  strings(field: string, rules: StringRules = {}): string[] {
    return this.#array(field).map((entry, index) => this.#checkedString(entry, `${this.#at(field)}[${index}]`, rules));
  }

  list<T>(field: string, read: (entry: SpecReader) => T): T[] {
    return this.#array(field).map((entry, index) =>
      read(new SpecReader(entry, `${this.#at(field)}[${index}]`, this.problems)),
    );
  }

  environment(field: string): Record<string, string> {
    const variables = this.object(field);
    const names = Object.keys(variables.#fields);
    for (const name of names) {
      if (name === '' || name.includes('=') || name.includes('\0')) {
        this.problems.push(`${this.#at(field)} has a variable named ${JSON.stringify(name)}`);
      }
    }
    return Object.fromEntries(names.map((name) => [name, variables.string(name, { mayBeEmpty: true })]));
  }

  #checkedString(value: unknown, at: string, rules: StringRules): string {
    if (typeof value !== 'string') this.problems.push(`${at} must be a string`);
    else if (value === '' && rules.mayBeEmpty !== true) this.problems.push(`${at} must not be empty`);
    else if (value.includes('\0') && rules.mayHoldNul !== true)
      this.problems.push(`${at} must not hold a NUL character`);
    else return value;
    return '';
  }

  #array(field: string): unknown[] {
    const value = this.#fields[field];
    return Array.isArray(value) ? value : this.#problem<unknown[]>(field, 'must be a list', []);
  }

  #at(field: string): string {
    return this.path === '' ? field : `${this.path}.${field}`;
  }

  #problem<T>(field: string, text: string, placeholder: T): T {
    this.problems.push(`${this.#at(field)} ${text}`);
    return placeholder;
  }
}
