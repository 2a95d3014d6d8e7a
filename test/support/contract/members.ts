/** A JSON schema of the document, as far as its members are read. */
interface BodySchema {
  readonly type?: string
  readonly description?: string
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, BodySchema>>
  readonly items?: BodySchema
  readonly additionalProperties?: BodySchema | boolean
  readonly anyOf?: readonly BodySchema[]
  readonly oneOf?: readonly BodySchema[]
}

interface BodyOperation {
  readonly tags?: readonly string[]
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: BodySchema }>> }>
  >
}

/** An OpenAPI document, as far as the bodies of its responses are read. */
export interface BodyDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, BodyOperation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, BodySchema>> }
}

/** A named member of the body of a successful response. */
export interface BodyMember {
  /** `get /v1/prices` */
  readonly operation: string
  readonly path: string
  /** `data.rows[].price`; the values of a map are written `contracts{}`. */
  readonly place: string
  readonly name: string
  /** The name of the object that has the member: of a list its own with `[]`, of a map with `{}`. */
  readonly parent: string
  /** Its description; empty without one. */
  readonly about: string
  readonly isLeaf: boolean
  /** Its JSON types, without `null`; empty for those of a reference. */
  readonly types: readonly string[]
}

/** Every named member of the successful JSON responses of the operations with a tag, outer ones first. */
export function membersOf(document: BodyDocument, tag: string): readonly BodyMember[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { tags = [], responses }]) => {
      if (!tags.includes(tag)) return []
      const bodies = Object.entries(responses)
        .filter(([status]) => status.startsWith('2'))
        .flatMap(([, { content }]) => content?.['application/json']?.schema ?? [])
      const members = bodies.flatMap((schema) => inside(schema, document, '', new Set()))
      return members.map((member) => ({ ...member, operation: `${method} ${path}`, path }))
    }),
  )
}

type Inner = Omit<BodyMember, 'operation' | 'path'>

function inside(
  schema: BodySchema,
  document: BodyDocument,
  place: string,
  outer: ReadonlySet<string>,
): readonly Inner[] {
  if (schema.$ref !== undefined) {
    // an explanation has explanations of its inputs
    if (outer.has(schema.$ref)) return []
    return inside(target(schema, document), document, place, new Set([...outer, schema.$ref]))
  }
  const { properties = {}, items, additionalProperties: values, anyOf = [], oneOf = [] } = schema
  const parent = place.split('.').at(-1) ?? ''
  return [
    ...Object.entries(properties).flatMap(([name, member]) => {
      const own = place === '' ? name : `${place}.${name}`
      const within = inside(member, document, own, outer)
      const { description = target(member, document).description ?? '' } = member
      return [
        { place: own, name, parent, about: description, isLeaf: within.length === 0, types: typesOf(member) },
        ...within,
      ]
    }),
    ...(items ? inside(items, document, `${place}[]`, outer) : []),
    ...(typeof values === 'object' ? inside(values, document, `${place}{}`, outer) : []),
    ...[...anyOf, ...oneOf].flatMap((one) => inside(one, document, place, outer)),
  ]
}

function typesOf({ type, anyOf = [], items }: BodySchema): readonly string[] {
  const own = type === undefined || type === 'null' || type === 'array' ? [] : [type]
  return [...own, ...anyOf.flatMap(typesOf), ...(items ? typesOf(items) : [])]
}

function target(schema: BodySchema, { components }: BodyDocument): BodySchema {
  return components.schemas[schema.$ref?.replace('#/components/schemas/', '') ?? ''] ?? schema
}
