import { expect, test } from 'vitest'
import { type ApiDocument, fieldsOf, resolved, type Schema } from '#functions/page/data/document.ts'

const documentOf = (schemas: Readonly<Record<string, Schema>>): ApiDocument => ({
  paths: {},
  components: { schemas },
})

const NULL: Schema = { type: 'null' }
const META: Schema = {
  type: 'object',
  properties: { as_of: { type: 'string', description: 'time of the data' }, degraded: { type: 'boolean' } },
}

/** Each field in one line: path, type, meaning. */
function linesOf(schema: Schema, schemas: Readonly<Record<string, Schema>> = {}): string[] {
  return fieldsOf(schema, documentOf(schemas)).map(({ path, type, about }) => `${path} | ${type} | ${about}`)
}

test('a reference has the members of its target, and its own description before that of the target', () => {
  const schemas = { Meta: { ...META, description: 'of every response' } }

  expect(
    resolved({ $ref: '#/components/schemas/Meta', description: 'of this one' }, documentOf(schemas)),
  ).toEqual({
    ...META,
    description: 'of this one',
  })
  expect(linesOf({ properties: { meta: { $ref: '#/components/schemas/Meta' } } }, schemas)).toEqual([
    'meta | object | of every response',
    'meta.as_of | string | time of the data',
    'meta.degraded | boolean | ',
  ])
})

test('a reference to a reference leads to the last one', () => {
  const schemas = { A: { $ref: '#/components/schemas/B' }, B: { type: 'integer' } }

  expect(resolved({ $ref: '#/components/schemas/A' }, documentOf(schemas))).toEqual({ type: 'integer' })
})

test('a reference to nothing can be any value', () => {
  expect(linesOf({ properties: { value: { $ref: '#/components/schemas/Missing' } } })).toEqual([
    'value | any | ',
  ])
})

test('the members of lists and of records by key have the path of their list or record', () => {
  const schema: Schema = {
    properties: {
      items: { type: 'array', items: { properties: { price: { type: 'number', description: 'in USD' } } } },
      levels: { type: 'array', items: { type: 'number' } },
      contracts: {
        type: 'object',
        additionalProperties: { type: 'object', properties: { funding_rate: { type: 'string' } } },
      },
      settings: { type: 'object', additionalProperties: true },
    },
  }

  expect(linesOf(schema)).toEqual([
    'items | array of any | ',
    'items[].price | number | in USD',
    'levels | array of number | ',
    'contracts | object | ',
    'contracts.*.funding_rate | string | ',
    'settings | object | ',
  ])
})

test('a body that is a list or records by key has the members of those', () => {
  const row: Schema = { type: 'object', properties: { symbol: { type: 'string' } } }

  expect(linesOf({ type: 'array', items: row })).toEqual(['[].symbol | string | '])
  expect(linesOf({ type: 'object', additionalProperties: row })).toEqual(['*.symbol | string | '])
})

test('of alternatives all members are listed, once, with every type and the first meaning', () => {
  const schema: Schema = {
    oneOf: [
      { properties: { status: { const: 'PENDING' }, progress: { type: 'number' } } },
      {
        properties: {
          status: { const: 'SUCCEEDED', description: 'of the task' },
          result: { type: 'object' },
        },
      },
    ],
  }

  expect(linesOf(schema)).toEqual([
    'status | "PENDING" or "SUCCEEDED" | of the task',
    'progress | number | ',
    'result | object | ',
  ])
})

test('alternatives within alternatives, as of one record with or without its history, are listed too', () => {
  const schemas = { Indicator: { type: 'object', properties: { value: { type: 'number' } } } }
  const record: Schema = { $ref: '#/components/schemas/Indicator' }
  const observed: Schema = {
    properties: { value: { type: ['number', 'null'] }, observations: { type: 'array' } },
  }

  expect(linesOf({ anyOf: [{ properties: { data: { anyOf: [record, observed] } } }] }, schemas)).toEqual([
    'data | object or any | ',
    'data.value | number or null | ',
    'data.observations | array | ',
  ])
})

test.each([
  ['one type', { type: 'string' }, 'string'],
  ['several types', { type: ['string', 'null'] }, 'string or null'],
  ['alternatives', { anyOf: [{ type: 'number' }, NULL] }, 'number or null'],
  ['alternatives of one type', { anyOf: [{ type: 'string' }, { type: 'string' }] }, 'string'],
  ['listed values', { enum: ['BUY', 'SELL', null] }, '"BUY" or "SELL" or null'],
  ['one value', { const: false }, 'false'],
  ['lists of lists', { type: 'array', items: { type: 'array', items: NULL } }, 'array of array of null'],
  ['no restriction', {}, 'any'],
])('a type of %s is written in words', (_form, member, text) => {
  expect(linesOf({ properties: { member } })).toEqual([`member | ${text} | `])
})

test('a schema that contains itself ends', () => {
  const node: Schema = { $ref: '#/components/schemas/Node' }
  const schemas: Readonly<Record<string, Schema>> = {
    Node: { properties: { name: { type: 'string' }, next: node, children: { type: 'array', items: node } } },
  }

  const paths = fieldsOf(node, documentOf(schemas)).map(({ path }) => path)

  expect(paths).toEqual(
    expect.arrayContaining(['name', 'next.name', 'children[].name', 'next.next.next.name']),
  )
  expect(paths.length).toBeLessThan(1_000)
})

test.each<[string, Readonly<Record<string, Schema>>]>([
  ['a reference to itself', { A: { $ref: '#/components/schemas/A' } }],
  [
    'two references in a circle',
    { A: { $ref: '#/components/schemas/B' }, B: { $ref: '#/components/schemas/A' } },
  ],
  [
    'an alternative that is itself',
    { A: { anyOf: [{ type: 'string' }, { $ref: '#/components/schemas/A' }] } },
  ],
  ['a list of itself', { A: { type: 'array', items: { $ref: '#/components/schemas/A' } } }],
])('%s ends', (_form, schemas) => {
  const [field] = fieldsOf({ properties: { a: { $ref: '#/components/schemas/A' } } }, documentOf(schemas))

  expect(field).toMatchObject({ path: 'a' })
  expect(field?.type.length).toBeLessThan(200)
})

test('the meaning of a member is text, whatever is written in it', () => {
  const about = '<img src=x onerror=alert(1)> \u202Eعكس 🚀'

  expect(linesOf({ properties: { 'a b': { type: 'string', description: about } } })).toEqual([
    `a b | string | ${about}`,
  ])
})
