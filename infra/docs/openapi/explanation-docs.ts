import type { ZodOpenApiSchemaObject } from 'zod-openapi'
import type { JsonValue } from '#shared/domain/json.ts'
import { CAUSE_CODES, DATA_STATES, NEXT_CODES } from '#shared/read/explain/explanation.ts'

const text: ZodOpenApiSchemaObject = { type: 'string', description: 'one plain sentence' }
const instant: ZodOpenApiSchemaObject = { type: ['string', 'null'], format: 'date-time' }
const optionalText: ZodOpenApiSchemaObject = { type: ['string', 'null'] }

/** The response of `explain`. */
export const explanationSchema: ZodOpenApiSchemaObject = {
  type: 'object',
  required: ['job', 'key', 'state', 'cause', 'next', 'facts', 'inputs'],
  properties: {
    job: { type: 'string' },
    key: { ...optionalText, description: 'the key that is explained; null: all data of the job' },
    state: { enum: [...DATA_STATES] },
    cause: {
      type: 'object',
      required: ['code', 'text'],
      properties: { code: { enum: [...CAUSE_CODES] }, text },
    },
    next: {
      type: 'object',
      required: ['code', 'at', 'text'],
      properties: {
        code: { enum: [...NEXT_CODES] },
        at: {
          ...instant,
          description: 'the event does not come earlier; of run-ends, not later; null if it has no time',
        },
        text,
      },
    },
    facts: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'value', 'link'],
        properties: {
          name: { type: 'string' },
          value: { type: 'string' },
          link: { ...optionalText, description: 'a path of this API that has more' },
        },
      },
    },
    inputs: {
      type: 'array',
      description: 'the same of each input that is not fresh',
      items: { type: 'object', required: ['job', 'state', 'cause', 'next'] },
    },
  },
}

/** An outage of a provider, as `explain` shows it. */
export const explanationExample: JsonValue = {
  job: 'global-market',
  key: null,
  state: 'stale',
  cause: {
    code: 'cool-down',
    text: 'CoinGecko is in a cool-down since 2026-11-20T12:03:01Z until 2026-11-20T13:03:01Z, because of an answer (rate-limited): expected status 200, got 429',
  },
  next: {
    code: 'tick',
    at: '2026-11-20T13:03:00.000Z',
    text: 'CoinGecko may be called again at 2026-11-20T13:03:01Z; the next tick that can run is at 2026-11-20T13:03:00Z',
  },
  facts: [
    { name: 'fresh_until', value: '2026-11-20T12:08:00Z', link: '/v1/jobs/global-market' },
    {
      name: 'last_run',
      value: 'failed (rate-limited) at 2026-11-20T12:03:01Z',
      link: '/v1/runs/global-market-20261120T120300Z',
    },
  ],
  inputs: [],
}
