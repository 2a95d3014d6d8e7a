import { brotliDecompressSync } from 'node:zlib'
import type { WireResponse } from '#test/support/http/exchange.ts'
import { failedFindings } from './findings.ts'
import type { Reading, ReadSpec } from './read-spec.ts'
import {
  type ConfirmedBetween,
  type Memory,
  mergeMemory,
  type ReadValue,
  regressions,
} from './reader-memory.ts'

/** An answer with when it was asked for and when it had come; milliseconds since the epoch. */
export interface TimedResponse extends WireResponse {
  readonly sentAt: number
  readonly receivedAt: number
}

/** What a response is checked against. */
export interface ResponseContext {
  readonly read: ReadSpec
  /** Whether a key, or the read by its name, was served before and may still be: then no reader waits for it or goes without. */
  readonly isWarm: (key: string) => boolean
  readonly memory: Memory
  /** The values of a body; one that was parsed before is not parsed again. */
  readonly readingOf: (read: ReadSpec, text: string) => Reading | undefined
}

/** What is wrong with an answer, and what its reader knows now. */
export interface CheckedResponse {
  readonly label: string
  readonly faults: readonly string[]
  readonly memory: Memory
  /** Everything that a 200 says of stored values. */
  readonly values: readonly ReadValue[]
  /** Of a labelled 200: how old it says it is, in seconds. */
  readonly age?: number
  /** Of a labelled 200: between when and when the upstream confirmed it, going by its age. */
  readonly confirmed?: ConfirmedBetween
}

/** Holds one answer against everything that is promised of it. Pure. */
export function checkResponse(answer: TimedResponse, standard: ResponseContext): CheckedResponse {
  const { read, memory, isWarm } = standard
  const nothing = { label: '', memory, values: [] }
  switch (answer.status) {
    case 200:
      return read.freshness
        ? checkReading(answer, standard, read.freshness)
        : { ...nothing, faults: uncachedFaults(answer, standard) }
    case 429:
    case 503:
      return { ...nothing, faults: errorFaults(answer, read, isWarm(read.name)) }
    default:
      return {
        ...nothing,
        faults: [`expected 200, 429 or 503, got ${answer.status}: ${textOf(answer).slice(0, 200)}`],
      }
  }
}

/**
 * What a body says, checked against the schema of its route; `undefined` for one that does not fit.
 */
export function parseReading(read: ReadSpec, text: string): Reading | undefined {
  const parsed = read.schema.safeParse(jsonOf(text))
  if (!parsed.success) return undefined
  return read.freshness
    ? read.freshness.read(parsed.data as never)
    : { values: [], publishedAt: 0, wrongValues: [] }
}

/** A body as text, whatever it is compressed by. */
export function textOf({ headers, body }: WireResponse): string {
  return (headers['content-encoding'] === 'br' ? brotliDecompressSync(body) : body).toString()
}

function uncachedFaults(answer: TimedResponse, { read, readingOf: reading }: ResponseContext): string[] {
  const { headers } = answer
  const text = textOf(answer)
  return failedFindings([
    [reading(read, text) !== undefined, `expected the documented body, got ${text.slice(0, 500)}`],
    [headers['cache-control'] === 'no-store', `expected no-store, got ${headers['cache-control']}`],
    [headers['x-cache'] === 'HIT', `expected HIT, got ${headers['x-cache']}`],
    [headers['age'] === '0', `expected no age, got ${headers['age']}`],
  ])
}

function errorFaults(
  { status, headers, body }: TimedResponse,
  { errorSchema: refusal, retryAfter }: ReadSpec,
  isWarm: boolean,
): string[] {
  const text = body.toString()
  const wait = headers['retry-after'] ?? ''
  return failedFindings([
    [!isWarm, `expected data, which were served before; got ${status}`],
    [
      refusal.safeParse(jsonOf(text)).success,
      `expected the documented body of a ${status}, got ${text.slice(0, 500)}`,
    ],
    [
      status === 429 ? /^[1-9]\d?$/.test(wait) : retryAfter.test(wait),
      `expected Retry-After as ${retryAfter}, got ${headers['retry-after']}`,
    ],
    [headers['cache-control'] === 'no-store', `expected no-store, got ${headers['cache-control']}`],
  ])
}

function checkReading(
  answer: TimedResponse,
  standard: ResponseContext,
  labelled: NonNullable<ReadSpec['freshness']>,
): CheckedResponse {
  const { headers, sentAt, receivedAt } = answer
  const { read, memory, isWarm } = standard
  const label = headers['x-cache'] === undefined ? '' : String(headers['x-cache'])
  const age = /^\d+$/.test(String(headers.age)) ? Number(headers.age) : Number.NaN
  const faults = labelFaults(label, age, answer, standard, labelled)
  const text = textOf(answer)
  const reading = standard.readingOf(read, text)
  if (!reading)
    return {
      label,
      faults: [...faults, `expected the documented body, got ${text.slice(0, 500)}`],
      memory,
      values: [],
    }

  const { values: bodyValues, publishedAt, wrongValues: untruths, missingKeys: lacking = [] } = reading
  // a batch of which nothing is stored has neither a source nor a time of publication
  const isSourceless = bodyValues.length === 0 && headers['x-data-source'] === undefined
  const checked = { from: sentAt - (age + 1) * 1_000, to: receivedAt - age * 1_000 }
  const servableUntil = checked.from + labelled.serveStaleFor * 1_000
  const modified = Date.parse(String(headers['last-modified']))
  const whole: ReadValue = { key: read.name, fetchedAt: modified, checkedSince: checked.from, servableUntil }
  const allValues = [
    ...(lacking.length > 0 ? [] : [whole]),
    ...bodyValues.map((one) => ({ ...one, servableUntil })),
  ]
  return {
    label,
    age,
    confirmed: checked,
    values: allValues,
    memory: mergeMemory(allValues, memory),
    faults: [
      ...faults,
      ...untruths,
      ...regressions(allValues, checked.to, receivedAt, memory),
      ...lacking.filter(isWarm).map((key) => `expected ${key}, which was served before; got none`),
      ...bodyValues.flatMap(({ key, asOf = 0 }) =>
        asOf <= receivedAt
          ? []
          : [`expected the source’s time of ${key} in the past, got ${new Date(asOf).toISOString()}`],
      ),
      ...failedFindings([
        [
          isSourceless || headers['x-data-source'] === 'simulated',
          `expected simulated, got ${headers['x-data-source']}`,
        ],
        [
          isSourceless || modified >= publishedAt,
          `expected Last-Modified as fetched_at or later, got ${headers['last-modified']}`,
        ],
        [
          isSourceless || modified <= receivedAt,
          `expected Last-Modified in the past, got ${headers['last-modified']}`,
        ],
        [publishedAt <= checked.to, `expected an age since fetched_at or later, got ${age}`],
      ]),
    ],
  }
}

function labelFaults(
  label: string,
  age: number,
  { headers }: TimedResponse,
  { read, isWarm }: ResponseContext,
  { freshFor, serveStaleFor }: NonNullable<ReadSpec['freshness']>,
): string[] {
  const [, maxAge] = /^public, max-age=(\d+), /.exec(headers['cache-control'] ?? '') ?? []
  const left = Number(maxAge) - age
  const isFresh = age < freshFor
  const isPost = read.request?.method === 'POST'
  const mayKeep = isPost
    ? headers['cache-control'] === 'no-store'
    : isFresh
      ? left >= 0 && left <= Math.min(60, freshFor)
      : left === 0
  return failedFindings([
    [['HIT', 'STALE', 'MISS'].includes(label), `expected X-Cache HIT, STALE or MISS; got ${label}`],
    [!isWarm(read.name) || label !== 'MISS', 'expected HIT or STALE once there are data, got MISS'],
    [
      label === 'MISS' || (label === 'HIT') === isFresh,
      `expected HIT below an age of ${freshFor} s and STALE from then on, got ${label} at ${headers.age}`,
    ],
    [age < serveStaleFor, `expected an age of less than ${serveStaleFor} s, got ${headers.age}`],
    [
      mayKeep,
      `expected ${isPost ? 'no-store' : `max-age as Age with what is left of ${freshFor} s`}, got ${headers['cache-control']}`,
    ],
  ])
}

/** `undefined` for what is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
