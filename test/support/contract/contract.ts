import { brotliDecompressSync } from 'node:zlib'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { type ApiDocument, type ApiResponse, DocumentRouter, type MatchedOperation } from './api-document.ts'

/** A request and its response as they were on the wire. */
export interface Exchange {
  readonly method: string
  /** Path and query, undecoded. */
  readonly target: string
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
}

/** Headers with a meaning: a response that sends one has it in the document. */
const MEANINGFUL = [
  'age',
  'etag',
  'last-modified',
  'x-cache',
  'x-data-source',
  'x-task',
  'location',
  'retry-after',
  'cache-status',
]

/** Responses of the gateway to any path: it is not decodable, too large, or below a path of operators such as `/v1/live/`. */
const OF_GATEWAY = [400, 401, 403, 413, 431]

const NAME = 'openapi'

/** Compares responses with an OpenAPI document. */
export class Contract {
  readonly #router: DocumentRouter
  readonly #ajv: Ajv2020
  readonly #validators = new Map<string, ValidateFunction>()

  constructor(document: ApiDocument) {
    this.#router = new DocumentRouter(document)
    // the members of the document around its schemas are no keywords
    this.#ajv = new Ajv2020({ strict: false, validateSchema: false })
    addFormats.default(this.#ajv)
    this.#ajv.addSchema(document, NAME)
  }

  /** What the document does not have of a response; none for one that is documented. */
  findings(exchange: Exchange): readonly string[] {
    const path = exchange.target.split('?', 1)[0] ?? ''
    const [findings = [], ofOtherPath] = [path, ...decodedPath(path)].map((each) =>
      this.#pathFindings(exchange, each),
    )
    if (ofOtherPath?.length === 0) return []
    return findings.map((finding) => `${exchange.method} ${exchange.target}: ${exchange.status}: ${finding}`)
  }

  #pathFindings(exchange: Exchange, path: string): string[] {
    const match = this.#router.match(exchange.method, path)
    if (match.status === 'operation') return this.#operationFindings(exchange, match)
    return this.#defaultFindings(exchange, match.status === 'other-method' ? 405 : 404)
  }

  #operationFindings(exchange: Exchange, match: MatchedOperation): string[] {
    const response = match.operation.responses[exchange.status]
    if (!response) return [`expected one of ${Object.keys(match.operation.responses).join(', ')}`]
    const { template, method } = match
    const pointer = ['paths', template, method, 'responses', String(exchange.status)]
    return [
      ...this.#bodyFindings(exchange, response, pointer),
      ...this.#headerFindings(exchange, response, pointer),
    ]
  }

  /** The function of reads answers what no route takes, a preflight of the pages that may read with 204. */
  #defaultFindings(exchange: Exchange, expected: number): string[] {
    const { method, status, headers } = exchange
    if (method === 'OPTIONS' && status === 204) return []
    if (status !== expected && !OF_GATEWAY.includes(status)) return [`expected ${expected}`]
    if (status === 405 && headers['allow'] === undefined) return ['expected a header Allow, got none']
    if (method === 'HEAD') return []
    const json = jsonOf(exchange)
    const isError = typeof json === 'object' && json !== null && ('detail' in json || 'message' in json)
    return isError ? [] : [`expected a problem or a message, got ${exchange.body.toString().slice(0, 200)}`]
  }

  #bodyFindings(exchange: Exchange, { content }: ApiResponse, pointer: readonly string[]): string[] {
    const { method, status, headers, body } = exchange
    if (method === 'HEAD' || status === 304)
      return body.length === 0 ? [] : [`expected no body, got ${body.length} bytes`]
    const type = String(headers['content-type'] ?? '').split(';', 1)[0] ?? ''
    if (content?.[type] === undefined)
      return [`expected the type ${Object.keys(content ?? {}).join(' or ')}, got ${type}`]
    const json = jsonOf(exchange)
    if (json === undefined) return [`expected JSON, got ${body.toString().slice(0, 200)}`]
    return this.#schemaFindings('the body', json, [...pointer, 'content', type, 'schema'])
  }

  #headerFindings(
    { headers }: Exchange,
    { headers: documented = {} }: ApiResponse,
    pointer: readonly string[],
  ): string[] {
    const named = Object.entries(documented).flatMap(([name, { required = false, schema }]) => {
      const text = headers[name.toLowerCase()]
      if (text === undefined) return required ? [`expected a header ${name}, got none`] : []
      const isNumber = schema.type === 'integer' || typeof schema.const === 'number'
      const value = isNumber && /^\d+$/.test(String(text)) ? Number(text) : text
      return this.#schemaFindings(`the header ${name}`, value, [...pointer, 'headers', name, 'schema'])
    })
    const names = Object.keys(documented).map((name) => name.toLowerCase())
    const others = MEANINGFUL.filter((name) => headers[name] !== undefined && !names.includes(name))
    return [...named, ...others.map((name) => `expected no header ${name}, got ${headers[name]}`)]
  }

  #schemaFindings(what: string, value: unknown, pointer: readonly string[]): string[] {
    const validate = this.#validator(pointer)
    if (validate(value)) return []
    const errors = validate.errors ?? []
    return errors.map(({ instancePath, message, params }) => {
      const expected = `${what}${instancePath} ${message} ${JSON.stringify(params)}`
      return `${expected}, got ${JSON.stringify(value).slice(0, 500)}`
    })
  }

  #validator(pointer: readonly string[]): ValidateFunction {
    const reference = `${NAME}#/${pointer.map((part) => encodeURIComponent(escaped(part))).join('/')}`
    const compiled = this.#validators.get(reference)
    if (compiled) return compiled
    const validate = this.#ajv.compile({ $ref: reference })
    this.#validators.set(reference, validate)
    return validate
  }
}

/**
 * Another path that functions make of a path with an encoded `/` or `?`: the gateway decodes it, and ends it at a `?`. None of
 * any other path.
 */
function decodedPath(path: string): readonly string[] {
  if (!/%2f|%3f/i.test(path)) return []
  try {
    const [decoded = ''] = decodeURIComponent(path).split('?', 1)
    return [decoded.split('/').map(encodeURIComponent).join('/')]
  } catch (error) {
    if (error instanceof URIError) return []
    throw error
  }
}

/** @see RFC 6901, section 3 */
function escaped(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** The JSON of a body, whatever it is compressed by; `undefined` for what is none. */
function jsonOf({ headers, body }: Pick<Exchange, 'headers' | 'body'>): unknown {
  const bytes = headers['content-encoding'] === 'br' ? brotliDecompressSync(body) : body
  try {
    return JSON.parse(bytes.toString())
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
