import {
  AtLeastOneOf,
  AtMostOneOf,
  AtomicList,
  Default,
  ExactlyOneOf,
  ImmutableExcept,
  IsQuantity,
  ListMap,
  ListSet,
  MapOf,
  Pattern,
  QuantityMap,
  Rule,
  Time,
} from './decorators.js';
import { classExtension, extendedFields, fieldExtension } from './registry.js';

class Fields {
  @Default('job')
  @Pattern('^[a-z]+$')
  type?: string;

  @ListMap(['name'], 5)
  map?: object[];

  @ListSet(3, { maxLength: 9 })
  set?: string[];

  @AtomicList(4)
  atomic?: string[];

  @MapOf(7, { maxLength: 63 })
  labels?: Record<string, string>;

  @IsQuantity()
  amount?: string;

  @QuantityMap(2)
  amounts?: Record<string, string>;

  @Time()
  at?: string;

  @Rule('self > 0', 'first')
  @Rule('self < 9', 'second')
  number?: number;

  plain?: string;
}

describe('field decorators', () => {
  it.each([
    ['type', { default: 'job', pattern: '^[a-z]+$' }],
    ['map', { listType: 'map', listMapKeys: ['name'], maxItems: 5 }],
    ['set', { listType: 'set', maxItems: 3, items: { maxLength: 9 } }],
    ['atomic', { listType: 'atomic', maxItems: 4 }],
    ['labels', { maxProperties: 7, values: { maxLength: 63 } }],
    ['amount', { intOrString: true, minimum: 0 }],
    ['amounts', { maxProperties: 2 }],
    ['at', { format: 'date-time' }],
  ])('say what %s is', (field, expected) => {
    expect(fieldExtension(Fields, field)).toMatchObject(expected);
  });

  it('keep the order in which rules are written', () => {
    expect(fieldExtension(Fields, 'number').rules).toEqual([
      { rule: 'self > 0', message: 'first' },
      { rule: 'self < 9', message: 'second' },
    ]);
  });

  it('say nothing of a field without one', () => {
    expect(fieldExtension(Fields, 'plain')).toEqual({});
    expect(extendedFields(Fields)).not.toContain('plain');
  });
});

describe('IsQuantity', () => {
  const pattern = new RegExp(fieldExtension(Fields, 'amount').pattern ?? '');

  it.each(['2', '1.5', '.5', '500m', '4Gi', '1e3', '10Ki', '3E'])('matches %s', (text) => {
    expect(text).toMatch(pattern);
  });

  it.each(['', '-1', '4 Gi', '4GiB', 'Gi', '1,5', '.'])('does not match "%s"', (text) => {
    expect(text).not.toMatch(pattern);
  });
});

describe('class decorators', () => {
  it('join the rules of a base class and its own, the base first', () => {
    @Rule('base', 'm')
    class Base {
      @MapOf(1, { maxLength: 1 })
      inherited?: Record<string, string>;
    }
    @Rule('first', 'm')
    @Rule('second', 'm')
    class Derived extends Base {}
    expect(classExtension(Derived).rules.map(({ rule }) => rule)).toEqual(['base', 'first', 'second']);
    expect(extendedFields(Derived)).toEqual(['inherited']);
    expect(fieldExtension(Derived, 'inherited')).toMatchObject({ maxProperties: 1 });
  });

  it.each([
    ['exactly one of two', ExactlyOneOf(['a', 'b'], 'm'), 'has(self.a) != has(self.b)'],
    [
      'exactly one of three',
      ExactlyOneOf(['a', 'b', 'c'], 'm'),
      '[has(self.a), has(self.b), has(self.c)].filter(x, x).size() == 1',
    ],
    ['at most one', AtMostOneOf(['a', 'b'], 'm'), '[has(self.a), has(self.b)].filter(x, x).size() <= 1'],
    ['at least one', AtLeastOneOf(['a', 'b'], 'm'), 'has(self.a) || has(self.b)'],
  ])('write the rule for %s', (_name, decorate, rule) => {
    class Choice {
      a?: string;
    }
    decorate(Choice);
    expect(classExtension(Choice).rules).toEqual([{ rule, message: 'm' }]);
  });

  it('remember what may change', () => {
    @ImmutableExcept(['cancel'], 'make a new one')
    class Frozen {}
    expect(classExtension(Frozen).immutable).toEqual({ except: ['cancel'], message: 'make a new one' });
  });
});
