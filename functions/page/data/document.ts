/** The parts of a JSON schema that the page shows. */
export interface Schema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
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

/** The schema that a reference names, with its own description before that of the target. */
export function resolved(schema: Schema, { components: { schemas } }: ApiDocument): Schema {
  const name = schema.$ref?.replace('#/components/schemas/', '')
  const target = name === undefined ? undefined : schemas[name]
  return target
    ? { ...resolved(target, { components: { schemas }, paths: {} }), ...withoutRef(schema) }
    : schema
}

function withoutRef({ $ref: _ref, ...rest }: Schema): Schema {
  return rest
}

/** One member of a body: its path, type and meaning. */
export interface Field {
  /** `data.items[].price` */
  readonly path: string
  readonly type: string
  readonly about: string
}

const MAX_DEPTH = 6

/** The members of a schema, outer ones first. Lists are written `name[]`; of alternatives, all members are listed. */
export function fieldsOf(schema: Schema, document: ApiDocument, path = '', depth = 0): readonly Field[] {
  const { properties, items, anyOf, oneOf } = resolved(schema, document)
  if (depth > MAX_DEPTH) return []
  const alternatives = [...(anyOf ?? []), ...(oneOf ?? [])]
  const nested = alternatives.flatMap((one) => fieldsOf(one, document, path, depth + 1))
  const listed = items ? fieldsOf(items, document, `${path}[]`, depth + 1) : []
  const members = Object.entries(properties ?? {}).flatMap(([name, member]) => {
    const own = path === '' ? name : `${path}.${name}`
    const { description = '' } = resolved(member, document)
    return [
      { path: own, type: typeText(member, document), about: description },
      ...fieldsOf(member, document, own, depth + 1),
    ]
  })
  const all = [...members, ...listed, ...nested]
  return [...new Map(all.map((field) => [field.path, field])).values()]
}

/** A type in words: `string or null`. */
function typeText(schema: Schema, document: ApiDocument): string {
  const { type, anyOf, oneOf, enum: values, const: constant } = resolved(schema, document)
  if (constant !== undefined) return JSON.stringify(constant)
  if (values) return values.map((value) => JSON.stringify(value)).join(' or ')
  if (typeof type === 'string') return type
  if (type) return type.join(' or ')
  return [...new Set([...(anyOf ?? []), ...(oneOf ?? [])].map((one) => typeText(one, document)))].join(' or ')
}
