import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AtEnd } from './at-end.ts'
import { type Life, readersUntilOver } from './chaos-readers.ts'
import type { ChaosReport } from './chaos-report.ts'
import { nextCall, told } from './console-lines.ts'
import { running, type Started } from './local-process.ts'
import { tallied } from './tally.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { unconfirmed } from './unconfirmed.ts'

/**
 * Stale at once, so that readers ask for refreshes whenever they may; ticks each minute; retries that come soon; a plan
 * that leaves room for many calls.
 */
const SETTINGS = {
  GLOBAL_STATS_INTERVAL_MIN: '1',
  GLOBAL_STATS_CACHE_TTL: '1',
  GLOBAL_STATS_RETRY_BACKOFF: '1',
  COINGECKO_PLAN: 'pro',
  COINGECKO_KEY_PARAMETER: '/keys/coingecko',
}
/** As the job declares. */
const SERVE_STALE_FOR_S = 86_400

export interface ChaosChoices {
  readonly profile: string
  /** Where in the storm it begins. */
  readonly firstCall: number
  /** How long each process lives, in seconds; all but the last are killed. They share their data. */
  readonly lives: readonly number[]
  readonly readers: number
  readonly atEnd: AtEnd
}

/**
 * Starts the real system under a profile of chaos, with readers who judge every answer, kills it in the middle of the
 * storm and starts it again over the same data. The storm goes on where it was.
 */
export async function chaosRun({
  profile,
  firstCall,
  lives,
  readers,
  atEnd,
}: ChaosChoices): Promise<ChaosReport> {
  const data = await temporaryDirectory(atEnd)
  const texts: string[] = []
  const kills: number[] = []
  let current = Promise.withResolvers<Life | undefined>()
  const reading = readersUntilOver({
    count: readers,
    life: () => current.promise,
    freshFor: Number(SETTINGS.GLOBAL_STATS_CACHE_TTL),
    serveStaleFor: SERVE_STALE_FOR_S,
  })
  const endings: string[] = []
  for (const [index, seconds] of lives.entries()) {
    const call = nextCall(texts, firstCall)
    const settings = { ...SETTINGS, FRESHET_DATA: data }
    const life: Life = {
      system: await running(settings, atEnd, [`--chaos=${profile}:${call}`]),
      killed: false,
    }
    current.resolve(life)
    const early = await endWithin(seconds, life.system)
    if (early !== undefined) endings.push(`expected a process that runs on, got its end: ${early}`)
    current = Promise.withResolvers()
    if (index < lives.length - 1) {
      life.killed = true
      kills.push(Date.now())
      await life.system.kill()
    } else {
      current.resolve(undefined)
      await reading
      life.system.child.kill('SIGTERM')
      const ended = await life.system.ended
      if (ended !== 0) endings.push(`expected exit code 0 after SIGTERM, got ${ended}`)
    }
    texts.push(life.system.printed())
  }
  const seen = await reading
  const log = await readFile(join(data, 'log.jsonl'), 'utf8')
  const sorted = seen.tookMs.toSorted((a, b) => a - b)
  return {
    answers: tallied(seen.answers),
    outcomes: tallied(told(texts, 'outcome')),
    calls: tallied(told(texts, 'call')),
    longestAge: seen.longestAge,
    medianMs: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
    slowestMs: sorted.at(-1) ?? Number.NaN,
    violations: [
      ...endings,
      ...seen.faults,
      ...told(texts, 'alarm').map((line) => `expected no such line on the console, got ${line}`),
      ...unconfirmed([...seen.checked.values()], log, kills),
    ],
  }
}

/** How a process ended by itself, if it did: exit code or signal. */
async function endWithin(seconds: number, { ended }: Started): Promise<number | string | undefined> {
  const enough = new AbortController()
  const alive = sleep(seconds * 1_000, undefined, { signal: enough.signal })
  // once the process has ended, the wait is given up, and rejects
  alive.catch(() => {})
  try {
    return await Promise.race([ended, alive])
  } finally {
    enough.abort()
  }
}
