import { setTimeout as sleep } from 'node:timers/promises'
import type { Exchanged } from './exchange.ts'
import { judgedAnswer } from './judged-answer.ts'
import { type LocalProcess, STATS } from './local-process.ts'
import type { Checked, Memory } from './reader-memory.ts'

/** Longer than anybody may wait for data that are not there. */
const PATIENCE_MS = 15_000

const PAUSE_MS = 100

/** A process that readers ask, until it is killed. */
export interface Life {
  readonly system: LocalProcess
  killed: boolean
}

/** What readers are told of the world. */
export interface ReaderChoices {
  readonly count: number
  /** The process that is running, as soon as there is one; `undefined` once all is over. */
  readonly life: () => Promise<Life | undefined>
  /** Seconds. */
  readonly freshFor: number
  /** Seconds. */
  readonly serveStaleFor: number
}

/** What readers saw, all together. */
export interface Seen {
  /** Status and label of each answer: `200 STALE`. */
  readonly answers: string[]
  readonly faults: string[]
  /** When the upstream confirmed what was served, by its age; one of those that differ by less than half a second. */
  readonly checked: Map<number, Checked>
  /** Of answers 200, in seconds. */
  longestAge: number
  /** Of answers once there were data, in milliseconds. */
  readonly tookMs: number[]
  /** When the first data had come; milliseconds since the epoch. */
  firstDataAt: number
}

/**
 * Readers who ask over and over and hold every answer against what is promised. Each remembers what it was told, across
 * processes; every other one takes brotli.
 *
 * @returns what they saw, once all is over
 */
export async function readersUntilOver(choices: ReaderChoices): Promise<Seen> {
  const seen: Seen = {
    answers: [],
    faults: [],
    checked: new Map(),
    longestAge: 0,
    tookMs: [],
    firstDataAt: Number.POSITIVE_INFINITY,
  }
  await Promise.all(Array.from({ length: choices.count }, (_, reader) => read(reader, choices, seen)))
  return seen
}

async function read(reader: number, choices: ReaderChoices, seen: Seen): Promise<void> {
  const headers = reader % 2 === 0 ? {} : { 'accept-encoding': 'br' }
  let memory: Memory | undefined
  for (let life = await choices.life(); life; life = await choices.life()) {
    const sentAt = Date.now()
    const isWarm = sentAt > seen.firstDataAt
    const say = (what: string) =>
      seen.faults.push(`${new Date(sentAt).toISOString()} reader ${reader}: ${what}`)
    try {
      const answer = await inTime(life.system.ask(STATS, { headers }))
      const receivedAt = Date.now()
      const judged = judgedAnswer({ ...answer, sentAt, receivedAt }, { ...choices, isWarm, memory })
      judged.faults.forEach(say)
      memory = judged.memory
      seen.answers.push(`${answer.status} ${judged.label}`.trim())
      seen.longestAge = Math.max(seen.longestAge, judged.age ?? 0)
      if (answer.status === 200) seen.firstDataAt = Math.min(seen.firstDataAt, receivedAt)
      if (judged.checked) seen.checked.set(Math.floor(judged.checked.to / 500), judged.checked)
      if (isWarm) seen.tookMs.push(receivedAt - sentAt)
    } catch (error) {
      // a process that is killed takes the answers under way along
      if (!life.killed) say(`expected an answer, got ${error}`)
    }
    await sleep(PAUSE_MS)
  }
}

async function inTime(answer: Promise<Exchanged>): Promise<Exchanged> {
  const enough = new AbortController()
  const late = sleep(PATIENCE_MS, undefined, { signal: enough.signal }).then(() => {
    throw new Error(`none within ${PATIENCE_MS} ms`)
  })
  // once there is an answer, the wait is given up, and rejects
  late.catch(() => {})
  try {
    return await Promise.race([answer, late])
  } finally {
    enough.abort()
  }
}
