import { brotliDecompressSync } from 'node:zlib'
import * as z from 'zod'
import { schemas } from '#functions/jobs/global-market/schema.ts'
import type { Exchanged } from './exchange.ts'
import { findings } from './findings.ts'
import { STATS } from './local-process.ts'
import { type Checked, type Memory, remembered, stepsBack } from './reader-memory.ts'
import { untruths } from './recorded-truth.ts'

/** An answer with when it was asked for and when it had come; milliseconds since the epoch. */
export interface Timed extends Exchanged {
  readonly sentAt: number
  readonly receivedAt: number
}

/** What an answer is held against. Times are in seconds. */
export interface Standard {
  readonly freshFor: number
  readonly serveStaleFor: number
  /** Whether anybody had data before this was asked for: from then on nobody waits or goes without. */
  readonly isWarm: boolean
  readonly memory: Memory | undefined
}

/** What is wrong with an answer, and what its reader knows now. */
export interface Judged {
  readonly label: string
  readonly faults: readonly string[]
  readonly memory: Memory | undefined
  /** Of a 200: how old it says it is, in seconds. */
  readonly age?: number
  /** Of a 200: between when and when the upstream confirmed it, going by its age. */
  readonly checked?: Checked
}

/** Holds one answer of the statistics against everything that is promised of it. Pure. */
export function judgedAnswer(answer: Timed, standard: Standard): Judged {
  const { status } = answer
  if (status === 200) return judgedReading(answer, standard)
  const faults = status === 503 ? refusalFaults(answer, standard) : [`expected 200 or 503, got ${status}`]
  return { label: '', faults, memory: standard.memory }
}

const refusal = z.strictObject({
  success: z.literal(false),
  data: z.null(),
  error: z.strictObject({
    code: z.literal('EXTERNAL_SERVICE_ERROR'),
    message: z.literal('Global crypto market statistics are not available'),
    details: z.null(),
  }),
  timestamp: z.iso.datetime(),
})

function refusalFaults({ headers, body }: Timed, { isWarm }: Standard): string[] {
  return findings([
    [!isWarm, 'expected data, which were served before; got 503'],
    [refusal.safeParse(jsonOf(body)).success, `expected the documented body of a 503, got ${body}`],
    [headers['retry-after'] === '30', `expected Retry-After: 30, got ${headers['retry-after']}`],
    [headers['cache-control'] === 'no-store', `expected no-store, got ${headers['cache-control']}`],
  ])
}

function judgedReading(answer: Timed, standard: Standard): Judged {
  const { headers, sentAt, receivedAt } = answer
  const { memory } = standard
  const label = headers['x-cache'] === undefined ? '' : String(headers['x-cache'])
  const age = /^\d+$/.test(String(headers.age)) ? Number(headers.age) : Number.NaN
  const faults = labelFaults(label, age, answer, standard)
  const body = headers['content-encoding'] === 'br' ? brotliDecompressSync(answer.body) : answer.body
  const parsed = schemas[STATS].safeParse(jsonOf(body))
  if (!parsed.success)
    return { label, faults: [...faults, `expected the documented body, got ${body}`], memory }

  const { data, meta, timestamp } = parsed.data
  const checked = { from: sentAt - (age + 1) * 1_000, to: receivedAt - age * 1_000 }
  const now = { updatedAt: data.updated_at * 1_000, fetchedAt: Date.parse(meta.fetched_at) }
  const modified = headers['last-modified']
  return {
    label,
    age,
    checked,
    memory: remembered({ ...now, checkedSince: checked.from }, memory),
    faults: [
      ...faults,
      ...untruths(parsed.data),
      ...findings([
        [Date.parse(meta.as_of) === now.updatedAt, `expected as_of as updated_at, got ${meta.as_of}`],
        [now.updatedAt <= receivedAt, `expected updated_at in the past, got ${data.updated_at}`],
        [timestamp === meta.fetched_at, `expected timestamp as fetched_at, got ${timestamp}`],
        [
          Date.parse(String(modified)) === now.fetchedAt,
          `expected Last-Modified as fetched_at, got ${modified}`,
        ],
        [now.fetchedAt <= checked.to, `expected an age since ${meta.fetched_at} or later, got ${age}`],
      ]),
      ...(memory ? stepsBack(now, checked, memory) : []),
    ],
  }
}

function labelFaults(label: string, age: number, { headers }: Timed, standard: Standard): string[] {
  const { freshFor, serveStaleFor, isWarm } = standard
  const [, maxAge] = /^public, max-age=(\d+), /.exec(headers['cache-control'] ?? '') ?? []
  const left = Number(maxAge) - age
  const isFresh = age < freshFor
  return findings([
    [['HIT', 'STALE', 'MISS'].includes(label), `expected X-Cache HIT, STALE or MISS; got ${label}`],
    [!isWarm || label !== 'MISS', 'expected HIT or STALE once there are data, got MISS'],
    [
      label === 'MISS' || (label === 'HIT') === isFresh,
      `expected HIT below an age of ${freshFor} s and STALE from then on, got ${label} at ${headers.age}`,
    ],
    [age <= serveStaleFor, `expected an age of at most ${serveStaleFor} s, got ${headers.age}`],
    [
      isFresh ? left >= 0 && left <= Math.min(60, freshFor) : left === 0,
      `expected max-age as Age with what is left of ${freshFor} s, got ${headers['cache-control']}`,
    ],
    [headers['x-data-source'] === 'recorded', `expected recorded, got ${headers['x-data-source']}`],
  ])
}

/** `undefined` for what is no JSON. */
function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
