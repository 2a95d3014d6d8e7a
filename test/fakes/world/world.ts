import type { Job } from '#shared/declare/job.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { BusEvent } from '#shared/domain/ports/bus.ts'
import type { HttpRequest } from '#shared/domain/ports/http.ts'
import type { LogFields } from '#shared/domain/ports/log.ts'
import type { Store } from '#shared/domain/ports/store.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import type { ProviderWork, RunRequest } from '#shared/engine/model/run-state.ts'
import { run } from '#shared/engine/run.ts'
import { memoryStore } from '#test/fakes/store/memory-store.ts'
import { type VirtualClock, virtualClock } from './virtual-clock.ts'

/** What the scripted upstream does with a call. */
export type Reply =
  | { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }
  | 'hang'
  | 'reset'

type Script = (request: HttpRequest, call: number) => Reply | Promise<Reply>

/** One line that the code under test logged. */
interface LogLine extends LogFields {
  readonly level: string
  readonly message: string
}

/** Called after each run of a world; a suite adds what must hold then. */
export const afterEachRun: ((world: World<unknown>) => Promise<void>)[] = []

/** A world of fakes around one job: what it is made of is open to the test. */
export interface World<V> {
  readonly clock: VirtualClock
  readonly store: ReturnType<typeof memoryStore>
  readonly calls: HttpRequest[]
  readonly events: BusEvent[]
  readonly lines: LogLine[]
  readonly waits: number[]
  readonly work: ProviderWork<V>
  /** Answers from now on as the script says. */
  script(next: Script): void
  tick(at: number): Promise<RunRecord>
  run(request: RunRequest): Promise<RunRecord>
}

export interface WorldOptions<V> {
  readonly job: Job
  readonly upstream: Upstream
  readonly otherUpstreams?: readonly Upstream[]
  readonly refresh: Refresh<V, string>
  readonly start: number
  readonly secrets?: Readonly<Record<string, string>>
  /** Shared with another world; by default the world has its own. */
  readonly store?: ReturnType<typeof memoryStore>
  /** Wraps the store, to make it fail. */
  readonly faults?: (store: Store) => Store
}

export function world<V>(options: WorldOptions<V>): World<V> {
  const clock = virtualClock(options.start)
  const store = options.store ?? memoryStore(clock)
  const calls: HttpRequest[] = []
  const events: BusEvent[] = []
  const lines: LogLine[] = []
  const waits: number[] = []
  let script: Script = () => ({ status: 503, body: 'no script' })
  let seed = 1

  const log =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      lines.push({ ...fields, level, message })
    }
  const ports = {
    clock: {
      ...clock,
      sleep: (ms: number, signal?: AbortSignal) => {
        waits.push(ms)
        return clock.sleep(ms, signal)
      },
    },
    random: () => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_648
    },
    http: async (request: HttpRequest) => {
      calls.push(request)
      const reply = await script(request, calls.length)
      if (reply === 'hang') {
        await clock.sleep(request.timeoutMs)
        throw new RefreshError('timeout', `no answer within ${request.timeoutMs} ms`, { retryable: true })
      }
      if (reply === 'reset')
        throw new RefreshError('network', 'the connection was reset', { retryable: true })
      const body = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body)
      return { status: reply.status, headers: reply.headers ?? {}, body }
    },
    store: options.faults?.(store) ?? store,
    bus: {
      publish: async (event: BusEvent) => {
        events.push(event)
      },
    },
    secrets: {
      get: async (parameter: string) => {
        const value = options.secrets?.[parameter]
        if (value !== undefined) return { value, version: '1' }
        throw new RefreshError('secret', `the secret ${parameter} cannot be read`, { scope: 'provider' })
      },
    },
    log: { debug: log('DEBUG'), info: log('INFO'), warn: log('WARN'), error: log('ERROR') },
  }
  const { job, refresh, upstream, otherUpstreams = [] } = options
  const work: ProviderWork<V> = { job, refresh, upstream, otherUpstreams, ports }
  const result: World<V> = {
    clock,
    store,
    calls,
    events,
    lines,
    waits,
    work,
    script: (next) => {
      script = next
    },
    tick: (at) => {
      clock.advance(Math.max(0, at - clock.now()))
      return result.run({ cause: 'tick', tick: at })
    },
    run: async (request) => {
      const record = await run(request, work)
      for (const check of afterEachRun) await check(result as World<unknown>)
      return record
    },
  }
  return result
}
