import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { tally } from '#test/support/expectations/findings.ts'
import { readSpecs } from '#test/support/expectations/read-specs.ts'
import { fundingTaskApi, preloadTaskApi } from '#test/support/expectations/task-api.ts'
import { type LocalStart, startAndWait } from '#test/support/process/local-process.ts'
import { type OnCleanup, temporaryDirectory } from '#test/support/temporary/cleanup.ts'
import { clientsUntilOver } from './clients.ts'
import type { Instance, InstanceOptions } from './instances.ts'
import { consoleMatches, nextCall, secretScanner, unconfirmedAges } from './output-checks.ts'
import { readersUntilOver } from './readers.ts'
import { notRecovered } from './recovery-check.ts'
import type { ChaosReport } from './report.ts'

/**
 * Stale soon, so that readers ask for refreshes whenever they may; ticks as often as can be; retries that come soon;
 * tasks whose deadline can be seen; a plan that leaves room for many calls.
 */
const SETTINGS = {
  GLOBAL_STATS_INTERVAL_MIN: '1',
  GLOBAL_STATS_CACHE_TTL: '1',
  GLOBAL_STATS_RETRY_BACKOFF: '1',
  COINGECKO_PLAN: 'pro',
  COINGECKO_KEY_PARAMETER: '/keys/coingecko',
  HAMA_CACHE_TTL: '480',
  FUNDING_RATE_CHECK_INTERVAL: '60',
  CACHE_DURATION: '300',
  FUNDING_TASK_DEADLINE: '30',
  CONTRACT_REFRESH_INTERVAL: '300',
}

/** As the job of analyses declares. */
const PRELOAD_DEADLINE_MS = 120_000

export interface ChaosRunOptions {
  readonly profile: string
  /** Where in the storm it begins. */
  readonly firstCall: number
  readonly instances: readonly InstanceOptions[]
  readonly readers: number
  readonly atEnd: OnCleanup
}

/**
 * Starts the real system under a profile of chaos, with readers and clients of tasks who judge every answer, kills it in
 * the middle of the storm and starts it again over the same data. The storm goes on where it was. Where it is over in
 * the end, everything has to be fresh again.
 */
export async function chaosRun({
  profile,
  firstCall,
  instances,
  readers,
  atEnd,
}: ChaosRunOptions): Promise<ChaosReport> {
  const data = await temporaryDirectory(atEnd)
  const texts: string[] = []
  const kills: number[] = []
  const faults: string[] = []
  const leaks = secretScanner()
  const reads = readSpecs(SETTINGS)
  let current = Promise.withResolvers<Instance | undefined>()
  const life = () => current.promise
  const reading = readersUntilOver({ reads, count: readers, life, onText: leaks.onText })
  const apis = [
    fundingTaskApi(Number(SETTINGS.FUNDING_TASK_DEADLINE) * 1_000),
    preloadTaskApi(PRELOAD_DEADLINE_MS),
  ]
  const submitting = clientsUntilOver({ apis, life, onText: leaks.onText })
  let aheadMs = 0
  let wellSince: number | undefined
  for (const [index, { isStormy, startsAt, endsAt }] of instances.entries()) {
    if (startsAt !== undefined) aheadMs = Math.round(startsAt - Date.now())
    const now = () => Date.now() + aheadMs
    wellSince = isStormy ? undefined : (wellSince ?? now())
    const chaos = isStormy ? [`--chaos=${profile}:${nextCall(texts, firstCall)}`] : []
    const system = await startAndWait({ ...SETTINGS, FRESHET_DATA: data }, atEnd, chaos, aheadMs)
    const token = (await system.waitForLine(/^Operator token: /)).replace('Operator token: ', '')
    leaks.knows(token)
    const one: Instance = { system, authorization: `Bearer ${token}`, now, killed: false }
    current.resolve(one)
    const early = await endsWithin(endsAt - now(), system)
    if (early !== undefined) faults.push(`expected a process that runs on, got its end: ${early}`)
    current = Promise.withResolvers()
    if (index < instances.length - 1) {
      one.killed = true
      kills.push(now())
      await system.kill()
    } else {
      current.resolve(undefined)
      await Promise.all([reading, submitting])
      if (wellSince !== undefined) faults.push(...(await notRecovered(one, reads, wellSince)))
      system.child.kill('SIGTERM')
      const ended = await system.ended
      if (ended !== 0) faults.push(`expected exit code 0 after SIGTERM, got ${ended}`)
    }
    texts.push(system.printed())
  }
  const [seen, tasks] = await Promise.all([reading, submitting])
  const log = await readFile(join(data, 'log.jsonl'), 'utf8')
  for (const text of texts) leaks.onText(text.replaceAll(/^Operator token: .*$/gm, ''))
  leaks.onText(log)
  const sorted = seen.tookMs.toSorted((a, b) => a - b)
  return {
    answers: tally(seen.answers),
    tasks: tally(tasks.finalStates),
    outcomes: tally(consoleMatches(texts, 'outcome')),
    calls: tally(consoleMatches(texts, 'call')),
    longestAge: seen.longestAge,
    medianMs: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
    slowestMs: sorted.at(-1) ?? Number.NaN,
    violations: [
      ...faults,
      ...seen.faults,
      ...tasks.faults,
      ...leaks.found(),
      ...consoleMatches(texts, 'alarm').map((line) => `expected no such line on the console, got ${line}`),
      ...unconfirmedAges([...seen.confirmations.values()], log, kills),
    ],
  }
}

/** How a process ended by itself, if it did: exit code or signal. */
async function endsWithin(ms: number, { ended }: LocalStart): Promise<number | string | undefined> {
  const enough = new AbortController()
  const alive = sleep(ms, undefined, { signal: enough.signal })
  // once the process has ended, the wait is given up, and rejects
  alive.catch(() => {})
  try {
    return await Promise.race([ended, alive])
  } finally {
    enough.abort()
  }
}
