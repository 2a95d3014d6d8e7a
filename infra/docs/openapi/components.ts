import type {
  ZodOpenApiComponentsObject,
  ZodOpenApiHeaderObject,
  ZodOpenApiHeadersObject,
  ZodOpenApiResponseObject,
  ZodOpenApiSchemaObject,
} from 'zod-openapi'
import type { EnvelopeName } from '#shared/declare/job-spec.ts'

const string: ZodOpenApiSchemaObject = { type: 'string' }
const time: ZodOpenApiSchemaObject = { type: 'string', format: 'date-time' }
const ref = (name: keyof typeof schemas) => ({ $ref: `#/components/schemas/${name}` })

/** Bodies of errors: problem details, the documented envelopes, and the gateway's own. */
const schemas = {
  Problem: {
    type: 'object',
    description: 'Problem details (RFC 9457); further members belong to single operations.',
    required: ['type', 'title', 'status', 'detail'],
    properties: { type: string, title: string, status: { type: 'integer' }, detail: string },
  },
  Failure: {
    type: 'object',
    description: 'An error in the envelope `success`.',
    required: ['success', 'data', 'error', 'timestamp'],
    properties: {
      success: { const: false },
      data: { type: 'null' },
      error: {
        type: 'object',
        required: ['code', 'message', 'details'],
        properties: { code: string, message: string, details: { type: 'null' } },
      },
      timestamp: time,
    },
  },
  StatusFailure: {
    type: 'object',
    description: 'An error in the envelope `status`.',
    required: ['status', 'message', 'timestamp'],
    properties: { status: { const: 'error' }, message: string, timestamp: time },
  },
  CodeFailure: {
    type: 'object',
    description: 'An error in the envelope `code`.',
    required: ['code', 'msg', 'data'],
    properties: { code: { const: 0 }, msg: string, data: { type: 'null' } },
  },
  MessageFailure: {
    type: 'object',
    description: 'An error in the envelope `message`; `code` is the status.',
    required: ['code', 'message', 'data'],
    properties: { code: { type: 'integer' }, message: string, data: { type: 'null' } },
  },
  GatewayMessage: {
    type: 'object',
    description: 'A response of the gateway itself, without a function.',
    required: ['message'],
    properties: { message: string },
  },
} satisfies Record<string, ZodOpenApiSchemaObject>

/** The components of the document. */
export const components: ZodOpenApiComponentsObject = {
  schemas,
  securitySchemes: {
    sigv4: {
      type: 'apiKey',
      in: 'header',
      name: 'Authorization',
      description: 'AWS Signature Version 4 of the service `execute-api`: `operators.auth` is `iam`.',
    },
    bearer: {
      type: 'http',
      scheme: 'bearer',
      description:
        'A token of the stage’s issuer (`operators.auth` is `jwt`), or the token that `npm start` prints.',
    },
  },
}

const text = { required: true, schema: string } as const
const dataSource: ZodOpenApiHeaderObject = { schema: { enum: ['live', 'simulated'] } }

/** The header of a response that no cache may keep. */
export const noStore: ZodOpenApiHeadersObject = {
  'Cache-Control': { required: true, schema: { const: 'no-store' } },
}

/** Headers of a response with data: those of a value that is stored, or of a view, which may find none. */
export function datasetHeaders({ isView }: { readonly isView: boolean }): ZodOpenApiHeadersObject {
  const ofValue = isView
    ? { required: false, description: 'Absent where no stored value is in the response' }
    : { required: true }
  return {
    Age: {
      required: true,
      description: 'Seconds since the source last confirmed the value',
      schema: { type: 'integer' },
    },
    ETag: { description: 'Weak, the same for every encoding', ...ofValue, schema: string },
    'Last-Modified': { description: 'When this body last changed', ...ofValue, schema: string },
    'Cache-Control': text,
    'X-Cache': { required: true, schema: { enum: ['HIT', 'STALE', 'MISS', 'BYPASS'] } },
    'X-Data-Source': { ...ofValue, ...dataSource },
    'Cache-Status': {
      description: 'Only of a value from memory, because the table does not answer',
      schema: string,
    },
  }
}

/** Headers of a response that is computed for the request. */
export const uncachedHeaders: ZodOpenApiHeadersObject = {
  ...noStore,
  Age: { required: true, schema: { const: 0 } },
  'X-Cache': { required: true, schema: { const: 'HIT' } },
  'X-Data-Source': { description: 'Absent where the response has no data of a provider', ...dataSource },
  'Retry-After': {
    description: 'Seconds until the next poll; only of a task that has not ended',
    schema: { type: 'integer' },
  },
}

/** The header of a response that has started something. */
export const location: ZodOpenApiHeadersObject = {
  Location: { ...text, description: 'Path at which it is polled' },
}

const retryAfter: ZodOpenApiHeadersObject = {
  'Retry-After': { description: 'Seconds', schema: { type: 'integer' } },
}

/** The format of an error body. */
type ErrorFormat = 'problem' | 'gateway' | Exclude<EnvelopeName, 'plain'>

/** The format of a job's documented errors. */
export function errorFormatOf(envelope: EnvelopeName): ErrorFormat {
  return envelope === 'plain' ? 'problem' : envelope
}

const SCHEMA_OF = {
  success: 'Failure',
  status: 'StatusFailure',
  code: 'CodeFailure',
  message: 'MessageFailure',
  gateway: 'GatewayMessage',
} as const

/** An error response in one or several formats. */
export function errorResponse(
  description: string,
  formats: readonly ErrorFormat[],
  isRetryable = false,
): ZodOpenApiResponseObject {
  const json = formats.flatMap((format) => (format === 'problem' ? [] : [ref(SCHEMA_OF[format])]))
  const [first, ...others] = json
  return {
    description,
    ...(isRetryable ? { headers: retryAfter } : {}),
    content: {
      ...(formats.includes('problem') ? { 'application/problem+json': { schema: ref('Problem') } } : {}),
      ...(first ? { 'application/json': { schema: others.length > 0 ? { anyOf: json } : first } } : {}),
    },
  }
}
