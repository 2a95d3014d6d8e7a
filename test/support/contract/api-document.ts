/** The members of an OpenAPI document that tests read. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>
}

/** One documented operation. */
export interface ApiOperation {
  readonly operationId: string
  readonly parameters?: readonly ApiParameter[]
  readonly requestBody?: { readonly required?: boolean; readonly content: Content }
  readonly responses: Readonly<Record<string, ApiResponse>>
}

/** A parameter of a path, a query, or a header. */
export interface ApiParameter {
  readonly in: 'path' | 'query' | 'header'
  readonly name: string
  readonly required?: boolean
  readonly schema: Schema
}

/** One documented response. */
export interface ApiResponse {
  readonly headers?: Readonly<Record<string, { readonly required?: boolean; readonly schema: Schema }>>
  readonly content?: Content
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>

/** A JSON schema, by the keywords that tests read. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
}

/** An operation with the path under which it is documented. */
export interface MatchedOperation {
  readonly template: string
  readonly method: string
  readonly operation: ApiOperation
}

/** What a document has for a request: an operation, the methods of its path, or nothing. */
export type DocumentMatch =
  | ({ readonly status: 'operation' } & MatchedOperation)
  | { readonly status: 'other-method'; readonly methods: readonly string[] }
  | { readonly status: 'no-path' }

/** Finds the operations of requests as the OpenAPI specification says: a literal segment comes before a parameter. */
export class DocumentRouter {
  readonly #paths: readonly { readonly template: string; readonly segments: readonly string[] }[]
  readonly #document: ApiDocument

  constructor(document: ApiDocument) {
    this.#document = document
    this.#paths = Object.keys(document.paths)
      .map((template) => ({ template, segments: template.split('/') }))
      .toSorted((a, b) => parameterCount(a.segments) - parameterCount(b.segments))
  }

  /** @param path - undecoded, without a query */
  match(method: string, path: string): DocumentMatch {
    const actual = path.split('/').map(decoded)
    const templates = this.#paths.filter(({ segments }) => matches(segments, actual))
    const name = method.toLowerCase()
    for (const { template } of templates) {
      const operation = this.#document.paths[template]?.[name]
      if (operation) return { status: 'operation', template, method: name, operation }
    }
    if (templates.length === 0) return { status: 'no-path' }
    const methods = templates.flatMap(({ template }) => Object.keys(this.#document.paths[template] ?? {}))
    return { status: 'other-method', methods: methods.map((each) => each.toUpperCase()) }
  }
}

function parameterCount(segments: readonly string[]): number {
  return segments.filter((segment) => segment.startsWith('{')).length
}

function matches(segments: readonly string[], actual: readonly (string | undefined)[]): boolean {
  if (segments.length !== actual.length) return false
  return segments.every((segment, index) => {
    const text = actual[index]
    return segment.startsWith('{') ? text !== undefined && text !== '' : text === segment
  })
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}
