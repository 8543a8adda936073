import { MaxLength } from 'class-validator';
import {
  AtomicList,
  Default,
  ExactlyOneOf,
  ImmutableExcept,
  IsQuantity,
  ListMap,
  MapOf,
  Pattern,
  QuantityMap,
  Rule,
  Schema,
} from '../../src/api/schema/decorators.js';
import { Converter } from './convert.js';
import type { Model } from './models.js';
import type { OpenApiSchema } from './openapi.js';

const description = 'What it is.';

/** Converts one class whose OpenAPI fields are given as the compiler plugin would write them. */
function convert(
  model: Model,
  properties: Record<string, OpenApiSchema>,
  more: Record<string, [Model, OpenApiSchema]> = {},
) {
  const others = Object.entries(more);
  const converter = new Converter({
    schemas: {
      Subject: { type: 'object', properties },
      ...Object.fromEntries(others.map(([name, [, schema]]) => [name, schema])),
    },
    classes: new Map([['Subject', model], ...others.map(([name, [type]]) => [name, type] as const)]),
  });
  return converter.model('Subject', undefined, 'spec');
}

const fieldOf = (model: Model, schema: OpenApiSchema, more?: Record<string, [Model, OpenApiSchema]>) =>
  convert(model, { field: { description, ...schema } }, more).properties?.['field'];

class Plain {
  field?: unknown;
}

class Child {
  @MaxLength(63)
  name!: string;
}
const CHILD: Record<string, [Model, OpenApiSchema]> = {
  Child: [
    Child,
    {
      type: 'object',
      properties: { name: { type: 'string', maxLength: 63, description: 'Name.' } },
      required: ['name'],
    },
  ],
};
const CHILD_SCHEMA = {
  type: 'object',
  required: ['name'],
  properties: { name: { description: 'Name.', type: 'string', maxLength: 63 } },
};

describe('Converter', () => {
  it('turns a number into an integer: the API has no floating point numbers', () => {
    expect(fieldOf(Plain, { type: 'number', minimum: 1 })).toEqual({
      description,
      type: 'integer',
      format: 'int64',
      minimum: 1,
    });
  });

  it('keeps bounds and enums, joins the lines of a description and drops examples', () => {
    const schema = { type: 'string', enum: ['a', 'b'], description: 'Two\n   lines.', example: 'a', examples: ['b'] };
    expect(fieldOf(Plain, schema)).toEqual({ description: 'Two lines.', type: 'string', enum: ['a', 'b'] });
  });

  it('inlines a reference', () => {
    expect(fieldOf(Plain, { $ref: '#/components/schemas/Child' }, CHILD)).toEqual({ description, ...CHILD_SCHEMA });
  });

  it('flattens an allOf of one', () => {
    const schema = { allOf: [{ $ref: '#/components/schemas/Child' }] };
    expect(fieldOf(Plain, schema, CHILD)).toEqual({ description, ...CHILD_SCHEMA });
  });

  it('gives a list of objects its keys and its bound', () => {
    class Holder {
      @ListMap(['name'], 5)
      field?: Child[];
    }
    const schema = { type: 'array', items: { $ref: '#/components/schemas/Child' } };
    expect(fieldOf(Holder, schema, CHILD)).toEqual({
      description,
      type: 'array',
      maxItems: 5,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: CHILD_SCHEMA,
    });
  });

  it('bounds the items of a list', () => {
    class Holder {
      @AtomicList(5, { maxLength: 9 })
      field?: string[];
    }
    expect(fieldOf(Holder, { type: 'array', items: { type: 'string' } })).toMatchObject({
      maxItems: 5,
      items: { type: 'string', maxLength: 9 },
    });
  });

  it('bounds the values of a map', () => {
    class Holder {
      @MapOf(3, { maxLength: 9 })
      field?: Record<string, string>;
    }
    expect(fieldOf(Holder, { type: 'object', additionalProperties: { type: 'string' } })).toEqual({
      description,
      type: 'object',
      maxProperties: 3,
      additionalProperties: { type: 'string', maxLength: 9 },
    });
  });

  it('writes a quantity as int-or-string, alone and as the values of a map', () => {
    class Holder {
      @IsQuantity()
      amount?: string | number;
      @QuantityMap(2)
      amounts?: Record<string, string | number>;
    }
    const quantity = {
      'x-kubernetes-int-or-string': true,
      anyOf: [{ type: 'integer' }, { type: 'string' }],
      minimum: 0,
    };
    const { properties } = convert(Holder, {
      amount: { type: 'object', description },
      amounts: { type: 'object', additionalProperties: true, description },
    });
    expect(properties?.['amount']).toMatchObject(quantity);
    expect(properties?.['amount']).not.toHaveProperty('type');
    expect(properties?.['amounts']?.additionalProperties).toMatchObject(quantity);
  });

  it('adds defaults, patterns and rules; those of the class of the field come first', () => {
    @ExactlyOneOf(['a', 'b'], 'one')
    class Choice {
      @Pattern('^a$')
      a?: string;
    }
    class Holder {
      @Default({})
      @Rule('has(self.a)', 'two')
      field?: Choice;
    }
    const choice: OpenApiSchema = {
      type: 'object',
      properties: { a: { type: 'string', maxLength: 1, description } },
    };
    expect(fieldOf(Holder, { $ref: '#/components/schemas/Choice' }, { Choice: [Choice, choice] })).toMatchObject({
      default: {},
      'x-kubernetes-validations': [
        { rule: 'has(self.a) != has(self.b)', message: 'one' },
        { rule: 'has(self.a)', message: 'two' },
      ],
      properties: { a: { pattern: '^a$' } },
    });
  });

  it('writes one rule for an immutable class', () => {
    @ImmutableExcept(['cancel'], 'create a new one')
    class Frozen {}
    const { 'x-kubernetes-validations': rules } = convert(Frozen, {
      text: { type: 'string', maxLength: 1, description },
      cancel: { type: 'boolean', description },
    });
    expect(rules).toEqual([
      {
        rule: 'has(self.text) == has(oldSelf.text) && (!has(self.text) || self.text == oldSelf.text)',
        message: 'create a new one',
      },
    ]);
  });

  it.each<[string, OpenApiSchema, string]>([
    ['a choice of schemas', { oneOf: [{ type: 'string' }] }, 'the keyword oneOf'],
    ['null as a value', { type: 'string', maxLength: 1, nullable: true }, 'the keyword nullable'],
    ['an allOf of two', { allOf: [{ type: 'string' }, { type: 'string' }] }, 'allOf can be flattened only'],
    ['a list of types', { type: ['string', 'null'] }, 'type ["string","null"] cannot be expressed'],
    ['a map of anything', { type: 'object', additionalProperties: true }, 'the field needs a type'],
    ['an object of anything', { type: 'object' }, 'an object needs fields'],
    ['a class that was not described', { $ref: '#/components/schemas/Nowhere' }, 'Nowhere is not a class of src/api'],
    ['a field without a doc comment', { type: 'boolean', description: undefined }, 'the field needs a doc comment'],
  ])('refuses %s', (_name, schema, problem) => {
    expect(() => fieldOf(Plain, schema)).toThrow(problem);
    expect(() => fieldOf(Plain, schema)).toThrow(/^spec\.field/);
  });

  it('refuses a class that holds itself', () => {
    expect(() => fieldOf(Plain, { $ref: '#/components/schemas/Subject' })).toThrow('Subject holds itself');
  });

  it.each([
    ['schema', Schema({ maxItems: 1 })],
    ['class-validator', MaxLength(1)],
  ])('refuses to go on when the compiler plugin left out a field with a %s decorator', (_name, decorate) => {
    class Holder {
      lost?: string;
    }
    decorate(Holder.prototype, 'lost');
    expect(() => convert(Holder, {})).toThrow('spec.lost: the compiler plugin could not read the field');
  });
});
