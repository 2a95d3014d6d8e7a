/** The members of an OpenAPI document that the table of operations is made from. */
export interface PathsDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>
}

interface DocumentedOperation {
  readonly operationId: string
  readonly responses: Readonly<Record<string, DocumentedResponse>>
}

interface DocumentedResponse {
  readonly headers?: Readonly<Record<string, DocumentedHeader>>
}

interface DocumentedHeader {
  readonly required?: boolean
  readonly schema: {
    readonly type?: string
    readonly enum?: readonly string[]
    readonly const?: string | number
  }
}

const HEAD = `import type * as types from './types.ts'

/** Headers of a response that the document does not name. */
type OtherHeaders = Readonly<Record<string, string | undefined>>

/** What an operation takes, and each of its documented responses by status. */
interface Operation<Data, Responses, Errors, Headers> {
  readonly input: Omit<Data, 'url' | 'headers'> & {
    readonly headers?: (Data extends { headers?: infer Named } ? Named : object) & OtherHeaders
  }
  readonly responses: {
    readonly [Status in keyof Responses | keyof Errors | keyof Headers]: {
      readonly status: Status
      readonly headers: (Status extends keyof Headers ? Headers[Status] : object) & OtherHeaders
      /** Undefined where the document has no body. */
      readonly body: Status extends keyof Responses
        ? Responses[Status]
        : Status extends keyof Errors
          ? Errors[Status]
          : undefined
    }
  }
}
`

/**
 * The source of a table of operations by method and path, over the types of the document. A header has the type of its
 * text on the wire.
 */
export function operationsFile({ paths }: PathsDocument): string {
  const headers = new HeaderTypes()
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, responses }]) => {
      const name = `types.${typeName(operationId)}`
      const parts = [`${name}Data`, `${name}Responses`, `${name}Errors`, headers.typeOf(responses)]
      return `  readonly '${method.toUpperCase()} ${path}': Operation<\n    ${parts.join(',\n    ')}\n  >`
    }),
  )
  const table = `/** Every documented operation but HEAD. */\nexport interface Operations {\n${rows.join('\n')}\n}\n`
  return [HEAD, ...headers.declarations, table].join('\n')
}

/** The name of an operation in the types of the generator: `GetV1JobsId` for `get-v1-jobs-id`. */
function typeName(operationId: string): string {
  return operationId
    .split(/[^A-Za-z0-9]+/)
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join('')
}

/** The types of the headers of responses, each declared once. */
class HeaderTypes {
  readonly #names = new Map<string, string>()

  /** The headers of an operation, by status. */
  typeOf(responses: DocumentedOperation['responses']): string {
    const members = Object.entries(responses).flatMap(([status, { headers }]) =>
      headers === undefined ? [] : [`${status}: ${this.#nameOf(headers)}`],
    )
    return `{ ${members.join('; ')} }`
  }

  get declarations(): readonly string[] {
    return [...this.#names].map(([type, name]) => `type ${name} = {\n${type}\n}\n`)
  }

  #nameOf(headers: NonNullable<DocumentedResponse['headers']>): string {
    const type = Object.entries(headers)
      .map(([name, { required = false, schema }]) => {
        return `  readonly '${name.toLowerCase()}'${required ? '' : '?'}: ${textType(schema)}`
      })
      .join('\n')
    const existing = this.#names.get(type)
    if (existing !== undefined) return existing
    const name = `Headers${this.#names.size + 1}`
    this.#names.set(type, name)
    return name
  }
}

function textType({ type, enum: values, const: value }: DocumentedHeader['schema']): string {
  if (value !== undefined) return `'${value}'`
  if (values) return values.map((each) => `'${each}'`).join(' | ')
  return type === 'integer' ? `\`\${bigint}\`` : 'string'
}
