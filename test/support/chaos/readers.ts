import { setTimeout as sleep } from 'node:timers/promises'
import type { Reading, ReadSpec } from '#test/support/expectations/read-spec.ts'
import { type Memory, mergeMemory } from '#test/support/expectations/reader-memory.ts'
import {
  type CheckedResponse,
  checkResponse,
  parseReading,
  textOf,
} from '#test/support/expectations/response-check.ts'
import { type CurrentInstance, type Instance, requestInTime } from './instances.ts'
import type { JobConfirmation } from './output-checks.ts'

/** Between two answers to one reader: a large body costs both of them. */
const PAUSE_MS = 250

const MAX_CACHED_READINGS = 2_000

/** What readers get. */
export interface ReaderOptions {
  readonly reads: readonly ReadSpec[]
  /** Readers of each. */
  readonly count: number
  readonly life: CurrentInstance
  /** Called with the text of every response. */
  readonly onText: (text: string) => void
  /** Called with job, status and label of every response: `hama 200 STALE`. */
  readonly onResult: (result: string) => void
}

/** What readers saw, all together. */
export interface ReaderResults {
  /** Job, status and label of each answer: `hama 200 STALE`. */
  readonly answers: string[]
  readonly faults: string[]
  /** When the upstream of a job confirmed what was served, by its age; one of those that differ by less than half a second. */
  readonly confirmations: Map<string, JobConfirmation>
  /** Of answers 200, in seconds. */
  longestAge: number
  /** Of answers once there were data, in milliseconds. */
  readonly tookMs: number[]
}

/** What readers know together. */
interface SharedReaderState {
  readonly results: ReaderResults
  /** Until when what was served may be served, by key or read. */
  readonly servable: Map<string, number>
  readonly readings: Map<string, Reading | undefined>
}

/**
 * Readers that request over and over and check every response against the promises. Each remembers its values, across
 * processes; every other one takes brotli.
 *
 * @returns what they saw, once all is over
 */
export async function readersUntilOver(choices: ReaderOptions): Promise<ReaderResults> {
  const results: ReaderResults = {
    answers: [],
    faults: [],
    confirmations: new Map(),
    longestAge: 0,
    tookMs: [],
  }
  const common = { results, servable: new Map(), readings: new Map() }
  const readers = Array.from({ length: choices.count }, (_, reader) => reader)
  await Promise.all(readers.map((reader) => runReader(reader, choices, common)))
  return results
}

/** One reader reads everything, each read at its own pace, with one memory of it all. */
async function runReader(reader: number, choices: ReaderOptions, common: SharedReaderState): Promise<void> {
  const encoding = reader % 2 === 0 ? {} : { 'accept-encoding': 'br' }
  let memory: Memory = new Map()
  const follow = async (read: ReadSpec): Promise<void> => {
    for (let life = await choices.life(); life; life = await choices.life()) {
      const fail = (what: string) =>
        common.results.faults.push(
          `${new Date(life.now()).toISOString()} reader ${reader}, ${read.name}: ${what}`,
        )
      try {
        const { values, faults } = await readOnce(read, encoding, { life, memory, choices, common })
        memory = mergeMemory(values, memory)
        faults.forEach(fail)
      } catch (error) {
        // a process that is killed takes the answers under way along
        if (!life.killed) fail(`expected an answer, got ${error}`)
      }
      await sleep(PAUSE_MS)
    }
  }
  await Promise.all(choices.reads.map(follow))
}

interface ReadContext {
  readonly life: Instance
  /** As it stands when the answer is asked for. */
  readonly memory: Memory
  readonly choices: ReaderOptions
  readonly common: SharedReaderState
}

async function readOnce(
  read: ReadSpec,
  headers: Record<string, string>,
  { life, memory, choices, common: { results, servable, readings } }: ReadContext,
): Promise<Pick<CheckedResponse, 'values' | 'faults'>> {
  const sentAt = life.now()
  const until = new Map(servable)
  const answer = await requestInTime(life, read.target, { ...read.request, headers })
  const receivedAt = life.now()
  choices.onText(`${JSON.stringify(answer.headers)} ${textOf(answer)}`)
  const isWarm = (key: string) => receivedAt < (until.get(key) ?? 0)
  const cachedReading = (of: ReadSpec, text: string) => {
    const name = `${of.name} ${text}`
    if (!readings.has(name)) {
      if (readings.size >= MAX_CACHED_READINGS) readings.clear()
      readings.set(name, parseReading(of, text))
    }
    return readings.get(name)
  }
  const judged = checkResponse(
    { ...answer, sentAt, receivedAt },
    { read, isWarm, memory, readingOf: cachedReading },
  )
  const { label, age, confirmed, values } = judged
  if (isWarm(read.name)) results.tookMs.push(receivedAt - sentAt)
  const result = `${read.job} ${answer.status} ${label}`.trim()
  results.answers.push(result)
  choices.onResult(result)
  results.longestAge = Math.max(results.longestAge, age ?? 0)
  if (confirmed)
    results.confirmations.set(`${read.job} ${Math.floor(confirmed.to / 500)}`, {
      ...confirmed,
      job: read.job,
    })
  for (const { key, servableUntil } of values)
    servable.set(key, Math.max(servableUntil, servable.get(key) ?? 0))
  return judged
}
