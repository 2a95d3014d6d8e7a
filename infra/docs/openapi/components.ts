import type {
  ZodOpenApiComponentsObject,
  ZodOpenApiHeadersObject,
  ZodOpenApiResponseObject,
  ZodOpenApiSchemaObject,
} from 'zod-openapi'
import type { EnvelopeName } from '#shared/declare/job-spec.ts'

const string: ZodOpenApiSchemaObject = { type: 'string' }
const time: ZodOpenApiSchemaObject = { type: 'string', format: 'date-time' }
const ref = (name: keyof typeof schemas) => ({ $ref: `#/components/schemas/${name}` })

/** Bodies of errors: ours, those of the documented envelope, and the gateway's own. */
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
  GatewayMessage: {
    type: 'object',
    description: 'What the gateway says by itself, before any function is asked.',
    required: ['message'],
    properties: { message: string },
  },
} satisfies Record<string, ZodOpenApiSchemaObject>

/** Parts of the document that its paths refer to. */
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
        'A token of the stage’s issuer (`operators.auth` is `jwt`), or the one that `npm start` prints.',
    },
  },
}

/** What an answer from a dataset says of itself. */
export const datasetHeaders: ZodOpenApiHeadersObject = {
  Age: { description: 'Seconds since the source last confirmed the value', schema: { type: 'integer' } },
  ETag: { description: 'Weak, the same for every encoding', schema: string },
  'Last-Modified': { description: 'When this body was published', schema: string },
  'Cache-Control': { schema: string },
  'X-Cache': { schema: { enum: ['HIT', 'STALE', 'MISS', 'BYPASS'] } },
  'X-Data-Source': { schema: { enum: ['live', 'simulated'] } },
}

const retryAfter: ZodOpenApiHeadersObject = {
  'Retry-After': { description: 'Seconds', schema: { type: 'integer' } },
}

/** The shapes that an error may come in. */
type ErrorFormat = 'problem' | 'gateway' | Exclude<EnvelopeName, 'plain'>

/** The shape of a job's documented errors. */
export function errorFormatOf(envelope: EnvelopeName): ErrorFormat {
  return envelope === 'plain' ? 'problem' : envelope
}

const SCHEMA_OF = {
  success: 'Failure',
  status: 'StatusFailure',
  code: 'CodeFailure',
  gateway: 'GatewayMessage',
} as const

/** An error, in the shapes that it may come in. */
export function errorResponse(
  description: string,
  shapes: readonly ErrorFormat[],
  isRetryable = false,
): ZodOpenApiResponseObject {
  const json = shapes.flatMap((shape) => (shape === 'problem' ? [] : [ref(SCHEMA_OF[shape])]))
  const [first, ...others] = json
  return {
    description,
    ...(isRetryable ? { headers: retryAfter } : {}),
    content: {
      ...(shapes.includes('problem') ? { 'application/problem+json': { schema: ref('Problem') } } : {}),
      ...(first ? { 'application/json': { schema: others.length > 0 ? { anyOf: json } : first } } : {}),
    },
  }
}
