import fc from 'fast-check'
import type { Schema } from './api-document.ts'

/** What members of a name have as values in a running system, such as symbols and keys. */
export type ExampleValues = (name: string) => readonly string[]

/** Makes values of a schema. */
interface ValueOptions {
  /** The schema of a reference. */
  readonly resolve: (reference: string) => Schema
  readonly examples: ExampleValues
  /** The present time; milliseconds since the epoch. */
  readonly now: number
}

const HOUR_MS = 3_600_000

/** Values inside of a schema; a member with example values mostly has one of them. */
export function valuesOf(schema: Schema, options: ValueOptions, name = ''): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) return valuesOf(options.resolve(schema.$ref), options, name)
  if ('const' in schema) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return fc.oneof(...choices.map((choice) => valuesOf(choice, options, name)))
  if (Array.isArray(schema.type))
    return fc.oneof(...schema.type.map((type) => valuesOf({ ...schema, type }, options, name)))
  switch (schema.type) {
    case 'string':
      return textsOf(schema, options, name)
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1_000, max: schema.maximum ?? 1_000_000 })
    case 'number':
      return fc.double({ min: schema.minimum ?? -1e6, max: schema.maximum ?? 1e6, noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return listsOf(schema, options, name)
    case 'object':
      return objectsOf(schema, options)
    default:
      return fc.jsonValue()
  }
}

function textsOf(schema: Schema, { examples, now }: ValueOptions, name: string): fc.Arbitrary<string> {
  const { format, pattern, minLength = 0, maxLength = 40 } = schema
  if (format === 'date-time')
    return fc
      .integer({ min: -48 * HOUR_MS, max: 48 * HOUR_MS })
      .map((distance) => new Date(now + distance).toISOString())
  const generated =
    pattern === undefined
      ? fc.string({ minLength, maxLength: Math.min(maxLength, 40) })
      : fc.stringMatching(new RegExp(pattern, 'u'))
  const values = examples(name)
  return values.length === 0
    ? generated
    : fc.oneof({ arbitrary: fc.constantFrom(...values), weight: 4 }, { arbitrary: generated, weight: 1 })
}

function listsOf(schema: Schema, options: ValueOptions, name: string): fc.Arbitrary<unknown[]> {
  const { items = {}, minItems = 0, maxItems = 5, uniqueItems = false } = schema
  const lengths = { minLength: minItems, maxLength: Math.min(maxItems, Math.max(minItems, 5)) }
  const members = valuesOf(items, options, name)
  return uniqueItems ? fc.uniqueArray(members, lengths) : fc.array(members, lengths)
}

function objectsOf(schema: Schema, options: ValueOptions): fc.Arbitrary<object> {
  const { properties = {}, required = [], additionalProperties } = schema
  const members = Object.entries(properties).map(([name, member]) => [name, valuesOf(member, options, name)])
  const declared = fc.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: [...required],
  })
  if (typeof additionalProperties !== 'object') return declared
  const others = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 20 }),
    valuesOf(additionalProperties, options),
    {
      maxKeys: 3,
    },
  )
  return fc.tuple(others, declared).map(([other, own]) => ({ ...other, ...own }))
}

/** Texts that no schema of a parameter expects. */
export const strangeTexts: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    ' ',
    '.',
    '..',
    '%',
    '\u0000',
    '\ufffd',
    'null',
    'undefined',
    '-1',
    '0',
    '1e3',
    '999999999999999999999',
    '__proto__',
    'constructor',
    'toString',
    "'; --",
    '{id}',
    'a/b',
    'a,b',
    'x'.repeat(300),
    'x'.repeat(3_000),
  ),
)

/** A value with one change that its schema does not have: another type, a missing or a further member. */
export function strangeValues(schema: Schema, options: ValueOptions): fc.Arbitrary<unknown> {
  const inside = valuesOf(schema, options)
  const changed = fc.tuple(inside, fc.nat(), fc.jsonValue()).map(([value, index, other]) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return other
    const names = Object.keys(value)
    const name = names[index % (names.length + 1)] ?? 'further'
    return index % 3 === 0 ? withoutMember(value, name) : { ...value, [name]: other }
  })
  return fc.oneof(changed, fc.jsonValue(), fc.constantFrom(null, [], {}, '', 0, true))
}

function withoutMember(value: object, name: string): object {
  return Object.fromEntries(Object.entries(value).filter(([each]) => each !== name))
}
