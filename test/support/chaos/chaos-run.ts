import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bundleOrReuse } from '#infra/bundle/reuse.ts'
import { tally } from '#test/support/expectations/findings.ts'
import { readSpecs } from '#test/support/expectations/read-specs.ts'
import { fundingTaskApi, preloadTaskApi } from '#test/support/expectations/task-api.ts'
import { LONGEST_UNCHECKED_TTL, type LocalStart, startAndWait } from '#test/support/process/local-process.ts'
import { type OnCleanup, temporaryDirectory } from '#test/support/temporary/cleanup.ts'
import { clientsUntilOver } from './clients.ts'
import type { Instance, InstanceOptions } from './instances.ts'
import { consoleMatches, nextCall, secretScanner, unconfirmedAges } from './output-checks.ts'
import { readersUntilOver } from './readers.ts'
import { faultsAfterRecovery } from './recovery-check.ts'
import type { ChaosReport } from './report.ts'

/**
 * Short freshness, so that reads request refreshes; the shortest intervals and retries; short deadlines of tasks; a plan
 * that allows many calls.
 */
const SETTINGS = {
  // calls of Alpha Vantage are seconds apart, and the instances live for seconds
  PORTFOLIO_SYMBOLS: 'KO',
  GLOBAL_STATS_INTERVAL_MIN: '1',
  GLOBAL_STATS_CACHE_TTL: LONGEST_UNCHECKED_TTL,
  GLOBAL_STATS_RETRY_BACKOFF: '1',
  COINGECKO_PLAN: 'pro',
  COINGECKO_KEY_PARAMETER: '/keys/coingecko',
  HAMA_CACHE_TTL: '480',
  FUNDING_RATE_CHECK_INTERVAL: '60',
  CACHE_DURATION: '300',
  FUNDING_TASK_DEADLINE: '30',
  CONTRACT_REFRESH_INTERVAL: '300',
}

/** The deadline that the job `hama` declares. */
const PRELOAD_DEADLINE_MS = 120_000

/** An instance waits this long for its goals. */
const MAX_DELAY_MS = 60_000

/** The last instance waits this long for the recovery of all jobs: a run that was killed keeps its lease until its deadline. */
const RECOVERY_TIMEOUT_MS = PRELOAD_DEADLINE_MS + MAX_DELAY_MS
const POLL_MS = 200

export interface ChaosRunOptions {
  readonly profile: string
  /** Number of the first call under the profile. */
  readonly firstCall: number
  readonly instances: readonly InstanceOptions[]
  readonly readers: number
  readonly atEnd: OnCleanup
}

/**
 * Starts the real system under a chaos profile, with readers and clients of tasks that check every response, kills it
 * while calls fail and starts it again with the same data; the faults continue where they stopped. When the last
 * instances run without faults, all data have to become fresh again.
 */
export async function chaosRun(options: ChaosRunOptions): Promise<ChaosReport> {
  return new ChaosRun(options, await temporaryDirectory(options.atEnd)).run()
}

class ChaosRun {
  readonly #options: ChaosRunOptions
  readonly #data: string
  readonly #texts: string[] = []
  readonly #kills: number[] = []
  readonly #faults: string[] = []
  readonly #leaks = secretScanner()
  readonly #reads = readSpecs(SETTINGS)
  readonly #reading: ReturnType<typeof readersUntilOver>
  readonly #submitting: ReturnType<typeof clientsUntilOver>
  /** The running instance; `undefined` after the last one. */
  #current = Promise.withResolvers<Instance | undefined>()
  /** What readers and clients have received since the running instance started. */
  readonly #results = new Set<string>()
  #aheadMs = 0
  /** Start of the first instance since which no faults were injected. */
  #wellSince: number | undefined

  constructor(options: ChaosRunOptions, data: string) {
    this.#options = options
    this.#data = data
    const life = () => this.#current.promise
    const { onText } = this.#leaks
    const onResult = (result: string) => this.#results.add(result)
    this.#reading = readersUntilOver({ reads: this.#reads, count: options.readers, life, onText, onResult })
    const apis = [
      fundingTaskApi(Number(SETTINGS.FUNDING_TASK_DEADLINE) * 1_000),
      preloadTaskApi(PRELOAD_DEADLINE_MS),
    ]
    this.#submitting = clientsUntilOver({ apis, life, onText, onResult })
  }

  async run(): Promise<ChaosReport> {
    const { instances } = this.#options
    // without the bundles, the first start would take longer than its instance lives
    await bundleOrReuse()
    for (const [index, options] of instances.entries()) {
      const instance = await this.#start(options)
      this.#current.resolve(instance)
      await this.#untilOver(options, instance)
      this.#current = Promise.withResolvers()
      if (index < instances.length - 1) await this.#kill(instance)
      else await this.#stop(instance)
      this.#texts.push(instance.system.printed())
    }
    return this.#report()
  }

  async #start({ isStormy, startsAt }: InstanceOptions): Promise<Instance> {
    const { profile, firstCall, atEnd } = this.#options
    // an instance that ended late must not be followed by an earlier time
    if (startsAt !== undefined) this.#aheadMs = Math.max(this.#aheadMs, Math.round(startsAt - Date.now()))
    const aheadMs = this.#aheadMs
    const now = () => Date.now() + aheadMs
    this.#wellSince = isStormy ? undefined : (this.#wellSince ?? now())
    const chaos = isStormy ? [`--chaos=${profile}:${nextCall(this.#texts, firstCall)}`] : []
    const system = await startAndWait({ ...SETTINGS, FRESHET_DATA: this.#data }, atEnd, {
      args: chaos,
      aheadMs,
      only: 'all',
    })
    this.#results.clear()
    const token = (await system.waitForLine(/^Operator token: /)).replace('Operator token: ', '')
    this.#leaks.addSecret(token)
    return { system, authorization: `Bearer ${token}`, now, killed: false }
  }

  /** Waits until an instance has come to its end and has reached its goals, or exits by itself. */
  async #untilOver(options: InstanceOptions, { system, now }: Instance): Promise<void> {
    const { endsAt, goals = [], callKinds = 0 } = options
    const missing = () => {
      const kinds = new Set(consoleMatches([...this.#texts, system.printed()], 'call')).size
      const missingKinds = kinds < callKinds ? [`${callKinds - kinds} more kinds of calls`] : []
      return [...goals.filter((goal) => !this.#results.has(goal)), ...missingKinds]
    }
    let exit = await exitWithin(endsAt - now(), system)
    while (exit === undefined && missing().length > 0 && now() < endsAt + MAX_DELAY_MS)
      exit = await exitWithin(POLL_MS, system)
    if (exit !== undefined) this.#faults.push(`expected a process that keeps running, got its exit: ${exit}`)
    if (missing().length > 0)
      this.#faults.push(
        `expected ${missing().join(', ')} by ${new Date(endsAt + MAX_DELAY_MS).toISOString()}, got none`,
      )
  }

  async #kill(instance: Instance): Promise<void> {
    instance.killed = true
    this.#kills.push(instance.now())
    await instance.system.kill()
  }

  async #stop(instance: Instance): Promise<void> {
    this.#current.resolve(undefined)
    await Promise.all([this.#reading, this.#submitting])
    if (this.#wellSince !== undefined) {
      const deadline = instance.now() + RECOVERY_TIMEOUT_MS
      this.#faults.push(...(await faultsAfterRecovery(instance, this.#reads, this.#wellSince, deadline)))
    }
    instance.system.child.kill('SIGTERM')
    const exit = await instance.system.ended
    if (exit !== 0) this.#faults.push(`expected exit code 0 after SIGTERM, got ${exit}`)
  }

  async #report(): Promise<ChaosReport> {
    const [reads, tasks] = await Promise.all([this.#reading, this.#submitting])
    const log = await readFile(join(this.#data, 'log.jsonl'), 'utf8')
    const texts = this.#texts
    for (const text of texts) this.#leaks.onText(text.replaceAll(/^Operator token: .*$/gm, ''))
    this.#leaks.onText(log)
    const sorted = reads.tookMs.toSorted((a, b) => a - b)
    return {
      answers: tally(reads.answers),
      tasks: tally(tasks.finalStates),
      outcomes: tally(consoleMatches(texts, 'outcome')),
      calls: tally(consoleMatches(texts, 'call')),
      longestAge: reads.longestAge,
      medianMs: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
      slowestMs: sorted.at(-1) ?? Number.NaN,
      violations: [
        ...this.#faults,
        ...reads.faults,
        ...tasks.faults,
        ...this.#leaks.leaks(),
        ...consoleMatches(texts, 'alarm').map((line) => `expected no such line on the console, got ${line}`),
        ...unconfirmedAges([...reads.confirmations.values()], log, this.#kills),
      ],
    }
  }
}

/** The exit code or signal of a process that ends by itself within a time. */
async function exitWithin(ms: number, { ended }: LocalStart): Promise<number | string | undefined> {
  const timer = new AbortController()
  const timeout = sleep(ms, undefined, { signal: timer.signal })
  // aborting it below rejects it
  timeout.catch(() => {})
  try {
    return await Promise.race([ended, timeout])
  } finally {
    timer.abort()
  }
}
