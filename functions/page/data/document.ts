/** The parts of a JSON schema that the page shows. */
export interface Schema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly $ref?: string
}

/** A parameter of an operation. */
export interface DocumentedParameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly description?: string
  readonly schema?: Schema & { readonly pattern?: string }
}

/** One operation of the API document. */
export interface DocumentedOperation {
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly parameters?: readonly DocumentedParameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> }
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>
  >
}

/** The API document, as far as the page reads it. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

/** References that lead to references are followed for this many steps: a circle of them ends too. */
const MAX_STEPS = 10

/** The schema that a reference names, with its own description before that of the target. */
export function resolved(schema: Schema, { components: { schemas } }: ApiDocument): Schema {
  let current = schema
  for (let step = 0; step < MAX_STEPS && current.$ref !== undefined; step += 1) {
    const { $ref, ...own } = current
    const target = schemas[$ref.replace('#/components/schemas/', '')]
    if (!target) return own
    current = { ...target, ...own }
  }
  return current
}

/** One member of a body: its path, type and meaning. */
export interface Field {
  /** `data.items[].price` */
  readonly path: string
  readonly type: string
  readonly about: string
}

const MAX_DEPTH = 6

/**
 * The members of a schema, outer ones first. Lists are written `name[]`, records by key `name.*`; of alternatives, all members
 * are listed. A schema that contains itself ends at a depth of 6.
 */
export function fieldsOf(schema: Schema, document: ApiDocument, path = '', depth = 0): readonly Field[] {
  if (depth > MAX_DEPTH) return []
  const {
    properties = {},
    items,
    additionalProperties: keyed,
    anyOf = [],
    oneOf = [],
  } = resolved(schema, document)
  const within = (inner: Schema, innerPath: string) => fieldsOf(inner, document, innerPath, depth + 1)
  const members = Object.entries(properties).flatMap(([name, member]) => {
    const own = path === '' ? name : `${path}.${name}`
    const { description = '' } = resolved(member, document)
    return [{ path: own, type: typeText(member, document), about: description }, ...within(member, own)]
  })
  const listed = items ? within(items, `${path}[]`) : []
  const byKey = typeof keyed === 'object' ? within(keyed, path === '' ? '*' : `${path}.*`) : []
  const alternatives = [...anyOf, ...oneOf].flatMap((one) => within(one, path))
  return merged([...members, ...listed, ...byKey, ...alternatives])
}

/** Each path once, with the types that it has in alternatives, and the first meaning that is documented. */
function merged(fields: readonly Field[]): readonly Field[] {
  const byPath = new Map<string, Field>()
  for (const field of fields) {
    const { type, about } = byPath.get(field.path) ?? field
    const types = [...new Set([...type.split(OR), ...field.type.split(OR)])].join(OR)
    byPath.set(field.path, { path: field.path, type: types, about: about || field.about })
  }
  return [...byPath.values()]
}

const OR = ' or '

/** A type in words: `string or null`, `array of string`. */
function typeText(schema: Schema, document: ApiDocument, depth = 0): string {
  const { type, items, anyOf, oneOf, enum: values, const: constant } = resolved(schema, document)
  if (constant !== undefined) return JSON.stringify(constant)
  if (values) return values.map((value) => JSON.stringify(value)).join(OR)
  const isDeep = depth > MAX_DEPTH
  if (type === 'array' && items && !isDeep) return `array of ${typeText(items, document, depth + 1)}`
  if (typeof type === 'string') return type
  if (type) return type.join(OR)
  const alternatives = isDeep ? [] : [...(anyOf ?? []), ...(oneOf ?? [])]
  if (alternatives.length === 0) return 'any'
  return [...new Set(alternatives.map((one) => typeText(one, document, depth + 1)))].join(OR)
}
