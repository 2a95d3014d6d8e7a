import fc from 'fast-check'
import type { ApiDocument, ApiOperation, ApiParameter, Schema } from './api-document.ts'
import { type ExampleValues, strangeTexts, strangeValues, valuesOf } from './schema-values.ts'

/** A request as it is written on the wire. */
export interface GeneratedRequest {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer
}

/** What requests are made for. */
export interface RequestContext {
  readonly document: ApiDocument
  readonly authorization: string
  /** Values of the parameters and members of a path, by their name. */
  readonly examplesOf: (template: string) => ExampleValues
  /** The present time; milliseconds since the epoch. */
  readonly now: number
}

const METHODS = ['get', 'head', 'post', 'put', 'delete', 'patch', 'options']

/** Requests of every documented operation, inside and outside of its schemas, and some that none has. */
export function requestsOf(context: RequestContext): fc.Arbitrary<GeneratedRequest> {
  const operations = Object.entries(context.document.paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      new OperationRequests(context, template, method, operation).requests(),
    ),
  )
  return fc.oneof(
    { arbitrary: fc.oneof(...operations), weight: 30 },
    { arbitrary: undocumentedRequests(context), weight: 1 },
  )
}

/** Requests with another method, or of a path that is not documented. */
function undocumentedRequests(context: RequestContext): fc.Arbitrary<GeneratedRequest> {
  const templates = Object.keys(context.document.paths)
  const paths = fc.oneof(
    fc.constantFrom(...templates),
    fc.tuple(fc.constantFrom(...templates), strangeTexts).map(([path, text]) => path + encoded(text)),
    fc.array(strangeTexts, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.map(encoded).join('/')}`),
  )
  return fc
    .tuple(fc.constantFrom(...METHODS), paths, headersOf(context, []))
    .map(([method, target, headers]) => ({ method: method.toUpperCase(), target, headers }))
}

/** Requests of one operation. */
class OperationRequests {
  readonly #context: RequestContext
  readonly #template: string
  readonly #method: string
  readonly #operation: ApiOperation

  constructor(context: RequestContext, template: string, method: string, operation: ApiOperation) {
    this.#context = context
    this.#template = template
    this.#method = method
    this.#operation = operation
  }

  requests(): fc.Arbitrary<GeneratedRequest> {
    const parameters = this.#operation.parameters ?? []
    return fc
      .tuple(
        this.#path(parameters.filter(({ in: place }) => place === 'path')),
        this.#query(parameters.filter(({ in: place }) => place === 'query')),
        headersOf(
          this.#context,
          parameters.filter(({ in: place }) => place === 'header'),
        ),
        this.#body(),
      )
      .map(([path, query, headers, body]) => ({
        method: this.#method.toUpperCase(),
        target: query === '' ? path : `${path}?${query}`,
        headers,
        ...(body === undefined ? {} : { body }),
      }))
  }

  #path(parameters: readonly ApiParameter[]): fc.Arbitrary<string> {
    const values = parameters.map(({ name, schema }) => this.#texts(schema, name))
    return fc
      .tuple(...values)
      .map((texts) =>
        parameters.reduce(
          (path, { name }, index) => path.replace(`{${name}}`, () => encoded(texts[index] ?? '')),
          this.#template,
        ),
      )
  }

  #query(parameters: readonly ApiParameter[]): fc.Arbitrary<string> {
    const declared = parameters.map(({ name, schema }) =>
      fc.option(
        this.#texts(schema, name).map((text) => `${encoded(name)}=${encoded(text)}`),
        { nil: undefined },
      ),
    )
    const others = fc.oneof(
      { arbitrary: fc.constant(undefined), weight: 12 },
      {
        arbitrary: fc.constantFrom('source=live', 'force_refresh=true', 'limit=1&limit=2', '&&', '=', '%'),
        weight: 1,
      },
      {
        arbitrary: fc.tuple(strangeTexts, strangeTexts).map(([a, b]) => `${encoded(a)}=${encoded(b)}`),
        weight: 1,
      },
    )
    return fc.tuple(...declared, others).map((parts) => parts.filter((part) => part !== undefined).join('&'))
  }

  /** Texts of a parameter: mostly inside of its schema. */
  #texts(schema: Schema, name: string): fc.Arbitrary<string> {
    return fc.oneof(
      { arbitrary: valuesOf(schema, this.#values(), name).map(String), weight: 5 },
      { arbitrary: strangeTexts, weight: 1 },
    )
  }

  #body(): fc.Arbitrary<Buffer | undefined> {
    const schema = this.#operation.requestBody?.content['application/json']?.schema
    if (schema === undefined)
      return fc.oneof(
        { arbitrary: fc.constant(undefined), weight: 9 },
        { arbitrary: fc.constant(Buffer.from('{}')), weight: 1 },
      )
    const json = (value: unknown) => Buffer.from(JSON.stringify(value))
    return fc.oneof(
      { arbitrary: valuesOf(schema, this.#values()).map(json), weight: 6 },
      { arbitrary: strangeValues(schema, this.#values()).map(json), weight: 4 },
      { arbitrary: brokenBodies, weight: 1 },
      { arbitrary: fc.constant(undefined), weight: 1 },
    )
  }

  #values() {
    const { document, examplesOf, now } = this.#context
    const resolve = (reference: string) => schemaAt(document, reference)
    return { resolve, examples: examplesOf(this.#template), now }
  }
}

/** Bodies that are no JSON object, no text, or too large. */
const brokenBodies: fc.Arbitrary<Buffer> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom(33_000, 66_000, 170_000)
    .map((size) => Buffer.from(JSON.stringify({ reason: 'x'.repeat(size) }))),
  fc.constantFrom(5, 5_000).map((depth) => Buffer.from('['.repeat(depth) + ']'.repeat(depth))),
)

const conditions = fc.record(
  {
    'accept-encoding': fc.constantFrom('br', 'gzip', '*;q=0', 'identity', 'br;q=0.5, *;q=0'),
    'if-none-match': fc.constantFrom('*', 'W/"x"', '"', ''),
    'if-modified-since': fc.constantFrom(
      'Fri, 20 Nov 2026 23:59:59 GMT',
      'Sat, 20 Nov 2027 00:00:00 GMT',
      'now',
    ),
    origin: fc.constantFrom('https://app.example', 'null'),
    cookie: fc.constant('a=b; c=d'),
  },
  { requiredKeys: [] },
)

function headersOf(
  { authorization }: RequestContext,
  parameters: readonly ApiParameter[],
): fc.Arbitrary<Record<string, string>> {
  const credentials = fc.oneof(
    { arbitrary: fc.constant({ authorization }), weight: 8 },
    {
      arbitrary: fc.constantFrom({}, { authorization: 'Bearer x' }, { authorization: 'Bearer a.b.c' }),
      weight: 1,
    },
  )
  const types = fc.constantFrom(
    { 'content-type': 'application/json' },
    { 'content-type': 'application/json' },
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/octet-stream' },
    {},
  )
  const named = fc.record(
    Object.fromEntries(parameters.map(({ name }) => [name.toLowerCase(), idempotencyKeys])),
    { requiredKeys: [] },
  )
  const long = fc.oneof(
    { arbitrary: fc.constant({}), weight: 60 },
    { arbitrary: fc.constant({ 'x-long': 'x'.repeat(11_000) }), weight: 1 },
  )
  return fc
    .tuple(credentials, types, named, conditions, long)
    .map((parts) => Object.assign({}, ...parts) as Record<string, string>)
}

/** Some keys are used again and again. */
const idempotencyKeys = fc.oneof(
  fc.constantFrom('one', 'two', 'three', 'x'.repeat(128), 'x'.repeat(129), 'two words', ''),
  fc.stringMatching(/^[!-~]{1,20}$/),
)

/** Percent-encoded, but for text that begins with an undecodable octet. */
function encoded(text: string): string {
  const isWellFormed = text.isWellFormed()
  if (text === '%' || !isWellFormed) return '%ff'
  return encodeURIComponent(text)
}

function schemaAt(document: ApiDocument, reference: string): Schema {
  const parts = reference.replace(/^#\//, '').split('/')
  const schema = parts.reduce<unknown>((value, part) => (value as Record<string, unknown>)?.[part], document)
  if (schema === undefined) throw new TypeError(`expected a schema at ${reference}, got none`)
  return schema as Schema
}
