import { setTimeout as sleep } from 'node:timers/promises'
import { askInTime, type CurrentLife, type Life } from './chaos-life.ts'
import { type Judged, judgedAnswer, readingOf, textOf } from './judged-answer.ts'
import { type Memory, remembered } from './reader-memory.ts'
import type { CheckedOf } from './unconfirmed.ts'
import type { Reading, WatchedRead } from './watched-read.ts'

/** Between two answers to one reader: a large body costs both of them. */
const PAUSE_MS = 250

const MOST_READINGS = 2_000

/** What readers are told of the world. */
export interface ReaderChoices {
  readonly reads: readonly WatchedRead[]
  /** Readers of each. */
  readonly count: number
  readonly life: CurrentLife
  /** Told the text of every answer. */
  readonly onText: (text: string) => void
}

/** What readers saw, all together. */
export interface Seen {
  /** Job, status and label of each answer: `hama 200 STALE`. */
  readonly answers: string[]
  readonly faults: string[]
  /** When the upstream of a job confirmed what was served, by its age; one of those that differ by less than half a second. */
  readonly checked: Map<string, CheckedOf>
  /** Of answers 200, in seconds. */
  longestAge: number
  /** Of answers once there were data, in milliseconds. */
  readonly tookMs: number[]
}

/** What readers know together. */
interface Common {
  readonly seen: Seen
  /** Until when what was served may be served, by key or read. */
  readonly servable: Map<string, number>
  readonly readings: Map<string, Reading | undefined>
}

/**
 * Readers who ask over and over and hold every answer against what is promised. Each remembers what it was told, across
 * processes; every other one takes brotli.
 *
 * @returns what they saw, once all is over
 */
export async function readersUntilOver(choices: ReaderChoices): Promise<Seen> {
  const seen: Seen = { answers: [], faults: [], checked: new Map(), longestAge: 0, tookMs: [] }
  const common = { seen, servable: new Map(), readings: new Map() }
  const readers = Array.from({ length: choices.count }, (_, reader) => reader)
  await Promise.all(readers.map((reader) => asReader(reader, choices, common)))
  return seen
}

/** One reader reads everything, each read at its own pace, with one memory of it all. */
async function asReader(reader: number, choices: ReaderChoices, common: Common): Promise<void> {
  const encoding = reader % 2 === 0 ? {} : { 'accept-encoding': 'br' }
  let memory: Memory = new Map()
  const follow = async (read: WatchedRead): Promise<void> => {
    for (let life = await choices.life(); life; life = await choices.life()) {
      const say = (what: string) =>
        common.seen.faults.push(
          `${new Date(life.now()).toISOString()} reader ${reader}, ${read.name}: ${what}`,
        )
      try {
        const { told, faults } = await once(read, encoding, { life, memory, choices, common })
        memory = remembered(told, memory)
        faults.forEach(say)
      } catch (error) {
        // a process that is killed takes the answers under way along
        if (!life.killed) say(`expected an answer, got ${error}`)
      }
      await sleep(PAUSE_MS)
    }
  }
  await Promise.all(choices.reads.map(follow))
}

interface Moment {
  readonly life: Life
  /** As it stands when the answer is asked for. */
  readonly memory: Memory
  readonly choices: ReaderChoices
  readonly common: Common
}

async function once(
  read: WatchedRead,
  headers: Record<string, string>,
  { life, memory, choices, common: { seen, servable, readings } }: Moment,
): Promise<Pick<Judged, 'told' | 'faults'>> {
  const sentAt = life.now()
  const until = new Map(servable)
  const answer = await askInTime(life, read.target, { ...read.sent, headers })
  const receivedAt = life.now()
  choices.onText(`${JSON.stringify(answer.headers)} ${textOf(answer)}`)
  const isWarm = (key: string) => receivedAt < (until.get(key) ?? 0)
  const known = (of: WatchedRead, text: string) => {
    const name = `${of.name} ${text}`
    if (!readings.has(name)) {
      if (readings.size >= MOST_READINGS) readings.clear()
      readings.set(name, readingOf(of, text))
    }
    return readings.get(name)
  }
  const judged = judgedAnswer({ ...answer, sentAt, receivedAt }, { read, isWarm, memory, readingOf: known })
  const { label, age, checked, told } = judged
  if (isWarm(read.name)) seen.tookMs.push(receivedAt - sentAt)
  seen.answers.push(`${read.job} ${answer.status} ${label}`.trim())
  seen.longestAge = Math.max(seen.longestAge, age ?? 0)
  if (checked) seen.checked.set(`${read.job} ${Math.floor(checked.to / 500)}`, { ...checked, job: read.job })
  for (const { key, servableUntil } of told)
    servable.set(key, Math.max(servableUntil, servable.get(key) ?? 0))
  return judged
}
