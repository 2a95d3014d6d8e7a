import * as z from 'zod'
import type { WireRequest } from '#test/support/http/exchange.ts'

/** What a documented body says of one stored value. Milliseconds since the epoch. */
export interface BodyValue {
  readonly key: string
  readonly asOf?: number
  readonly fetchedAt: number
}

/** What a documented body says. */
export interface Reading {
  /** Of each stored value that it is made of. */
  readonly values: readonly BodyValue[]
  /** When the oldest of them was published. */
  readonly publishedAt: number
  /** What of it is not true. */
  readonly wrongValues: readonly string[]
  /** Keys that were asked for and are not there. */
  readonly missingKeys?: readonly string[]
}

/** A read that is watched, with what its answers are held against. Times are in seconds. */
export interface ReadSpec {
  readonly job: string
  /** Tells reads apart, for people: `hama POST BTCUSDT`. */
  readonly name: string
  readonly target: string
  readonly request?: Pick<WireRequest, 'method' | 'body'>
  readonly schema: z.ZodType
  /** The documented body of a refusal, 429 or 503. */
  readonly errorSchema: z.ZodType
  readonly retryAfter: RegExp
  /** Absent for an answer of its moment, which has no label. */
  readonly freshness?: {
    readonly freshFor: number
    readonly serveStaleFor: number
    /** As `meta` of the body has it. @param body - fits the schema */
    readonly read: (body: never) => Reading
  }
}

/** Settings that the watched reads go by, in seconds. */
export interface TtlSettings {
  readonly GLOBAL_STATS_CACHE_TTL: string
  readonly HAMA_CACHE_TTL: string
  readonly CACHE_DURATION: string
  /** Comma-separated; none by default. */
  readonly PORTFOLIO_SYMBOLS?: string
}

/** The documented body of a refusal where answers have a code. */
export const codeErrorSchema = z.strictObject({
  code: z.literal(0),
  msg: z.string().regex(/^[a-z ]+$/i),
  data: z.null(),
})

/** The members of a body that say when its data were published. */
export interface Meta {
  readonly as_of: string
  readonly fetched_at: string
}

/** What `meta` says of a value. */
export function metaValue(key: string, { as_of, fetched_at }: Meta): BodyValue {
  return { key, asOf: Date.parse(as_of), fetchedAt: Date.parse(fetched_at) }
}

/** The schema of a route. @throws {TypeError} for one without */
export function schemaOf(schemas: Readonly<Record<string, z.ZodType>>, path: string): z.ZodType {
  const schema = schemas[path]
  if (schema) return schema
  throw new TypeError(`expected a schema of ${path}, got none`)
}
