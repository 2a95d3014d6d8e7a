import { pathToFileURL } from 'node:url'
import { type Job, resolveJob } from '#shared/declare/job.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import type { SettingTexts } from '#shared/declare/settings.ts'
import { resolveUpstream, type Upstream } from '#shared/declare/upstream.ts'
import type { Params } from '#shared/domain/json.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import type { Work } from '#shared/engine/model/run-state.ts'
import { run } from '#shared/engine/run.ts'
import { submit } from '#shared/engine/task/submit.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import type { Memory } from '#test/fakes/store/memory.ts'
import { memoryStore } from '#test/fakes/store/memory-store.ts'
import { submitPorts, taskMachines } from '#test/fakes/world/task-machine.ts'
import { type World, world } from '#test/fakes/world/world.ts'
import { ATTACK_SETTINGS, startOf } from './attack-settings.ts'
import { GoodBodies, type UpstreamCall } from './good-bodies.ts'
import type { GoodResponse, Mutation } from './mutations/mutations.ts'
import { type AttackedRequest, declarationOf, type Profile } from './profiles.ts'

export type Store = ReturnType<typeof memoryStore>

/** One run of the engine, with the store after it. */
export interface HostileRun {
  readonly record: RunRecord
  /** When the run began and ended; milliseconds since the epoch. */
  readonly startedAt: number
  readonly endedAt: number
  readonly store: Store
  readonly lines: World<unknown>['lines']
  readonly responses: readonly GoodResponse[]
  /** Whether a mutation changed a body: one of another time may not have the place any more. */
  readonly isBent: boolean
  /** Whether the bodies are those of the jobs from which this one is computed. */
  readonly isDerived: boolean
}

/** What differs from a run of the schedule with good bodies. */
export interface RunOptions {
  /** Applied to the responses of this run. */
  readonly mutations?: readonly Mutation[]
  /** Every provider answers 503. */
  readonly isDown?: boolean
  readonly request?: AttackedRequest | undefined
}

/** A job with its inputs stored: runs start from a copy of any store, at any time. */
export class HostileWorld {
  readonly job: Job
  readonly inputs: readonly Job[]
  readonly #profile: Profile
  readonly #refresh: Refresh<unknown>
  readonly #bodies: GoodBodies
  /** The jobs from whose items a derived job is computed: they run before each of its runs. */
  readonly #sources: readonly HostileWorld[]

  private constructor(
    profile: Profile,
    refresh: Refresh<unknown>,
    bodies: GoodBodies,
    inputs: readonly HostileWorld[],
  ) {
    this.#profile = profile
    this.#refresh = refresh
    this.#bodies = bodies
    this.job = resolveJob(profile.declaration, profile.settings)
    this.inputs = inputs.map(({ job }) => job)
    this.#sources = this.job.upstream === undefined ? inputs : []
  }

  /** Opens the world of a profile, and publishes the inputs of its job. */
  static async open(
    profile: Profile,
    bodies = new GoodBodies(profile.rows),
    store = memoryStore({ now: () => startOf(profile.declaration.id) }),
  ) {
    const start = startOf(profile.declaration.id)
    const module = pathToFileURL(`functions/jobs/${profile.declaration.id}/refresh.ts`)
    const { refresh } = (await import(module.href)) as { refresh: Refresh<unknown> }
    for (const [name, data] of Object.entries(ATTACK_SETTINGS[profile.declaration.id]?.operatorData ?? {}))
      store.memory.operatorRecords.set(name, { revision: 1, change: 'attack', changedAt: start, data })
    const inputs: HostileWorld[] = []
    let inputStore = store
    for (const id of resolveJob(profile.declaration, profile.settings).inputs) {
      const input = { ...profile, declaration: declarationOf(id), down: [] }
      const { world: other, store: before } = await HostileWorld.open(input, bodies, inputStore)
      const { record, store: after } = await other.run(before, start)
      if (record.status !== 'succeeded') throw new Error(`expected ${id} to succeed, got ${record.message}`)
      inputs.push(other)
      inputStore = after
    }
    return { world: new HostileWorld(profile, refresh, bodies, inputs), store: inputStore }
  }

  /**
   * Consecutive times of runs: those of its settings in the attack, else ticks of the schedule, or as often as the data
   * become stale.
   */
  times(count: number): readonly number[] {
    const clock = clockOf(this.job.schedule)
    const start = startOf(this.job.id)
    const runEveryMs = ATTACK_SETTINGS[this.job.id]?.runEveryMs
    if (runEveryMs !== undefined)
      return Array.from({ length: count }, (_, index) => start + (index + 1) * runEveryMs)
    if (clock) return occurrences(clock, { after: start + 60_000, limit: count })
    const stepMs = this.job.freshness.freshForMs + 1_000
    return Array.from({ length: count }, (_, index) => start + (index + 1) * stepMs)
  }

  /**
   * Runs the job once on a copy of a store, at a time: a plain job by `run`, a task by its steps. Of a derived job, the
   * jobs from which it is computed run first, and the options are theirs.
   */
  async run(store: Store, at: number, options: RunOptions = {}): Promise<HostileRun> {
    const { mutations = [], isDown = false, request } = options
    const responses: GoodResponse[] = []
    let isBent = false
    let before = store
    let start = at
    for (const source of this.#sources) {
      const { request: _, ...others } = options
      const run = await source.run(before, start, others)
      responses.push(...run.responses)
      isBent ||= run.isBent
      before = run.store
      start = Math.ceil(run.endedAt) + 1
    }
    let now = () => start
    const copy = copyOf(before, { now: () => now() })
    const { base, work, providers } = this.#worldAt(start, copy)
    now = () => base.clock.now()
    const sentAt: number[] = []
    base.script((sent) => {
      const call = GoodBodies.callOf(sent, providers)
      if (!call || isDown || this.#profile.down.includes(call.provider)) return { status: 503, body: 'down' }
      const good = this.#bodies.reply(call, sent, { now: base.clock.now(), sentAt: [...sentAt] })
      sentAt.push(base.clock.now())
      responses.push({ call, text: good.body })
      const body = mutatedText(good.body, call, mutations)
      isBent ||= body !== good.body
      return { ...good, body }
    })
    const record = await recordOf(work, copy, start, request)
    const isDerived = this.#sources.length > 0
    const endedAt = base.clock.now()
    const { lines } = base
    return { record, startedAt: start, endedAt, store: copy, lines, responses, isBent, isDerived }
  }

  /** The fakes around one run. A derived job has no provider. */
  #worldAt(start: number, store: Store) {
    const { job } = this
    const providers = job.upstreams.map((name) => declaredUpstream(name, this.#profile.settings))
    const [upstream, ...otherUpstreams] = providers
    const base = world({
      job,
      upstream: upstream ?? declaredUpstream(upstreams[0]?.name ?? '', {}),
      otherUpstreams,
      refresh: this.#refresh,
      start,
      store,
      secrets: secretsOf(providers),
    })
    const { upstream: _, ...derived } = base.work
    return { base, work: upstream ? base.work : derived, providers }
  }
}

function mutatedText(good: string, call: UpstreamCall, mutations: readonly Mutation[]): string {
  return mutations
    .filter(({ provider, path, query }) => {
      return provider === call.provider && path === call.path && (query === '*' || query === call.query)
    })
    .reduce((text, mutation) => mutateText(mutation, text), good)
}

/** A body that does not have the place of a mutation, such as a shorter list, or after a first mutation, stays as it is. */
function mutateText(mutation: Mutation, text: string): string {
  try {
    return mutation.mutate(text)
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError || error instanceof RangeError) return text
    throw error
  }
}

function recordOf(
  work: Work<unknown>,
  store: Store,
  at: number,
  request: RunOptions['request'],
): Promise<RunRecord> {
  const { job } = work
  if (request?.kind === 'key') return run({ cause: 'cold-read', key: firstKey(job, store) }, work)
  if (job.run.mode === 'task')
    return runTask(work, store, at, request?.kind === 'params' ? request.params : job.params)
  return run(clockOf(job.schedule) ? { cause: 'tick', tick: at } : { cause: 'operator' }, work)
}

function firstKey({ id }: Job, store: Store): string {
  const item = [...store.memory.items.values()].find(({ runId }) => runId.startsWith(`${id}-`))
  if (item) return item.key
  throw new Error(`expected ${id} to have a stored item, got none`)
}

async function runTask(work: Work<unknown>, store: Store, at: number, params: Params): Promise<RunRecord> {
  const { job, ports } = work
  const machines = taskMachines(work)
  const task = { job, cause: 'tick' as const, tick: at, params }
  const result = await submit(task, submitPorts(work, store, machines))
  if (!('run' in result)) throw new Error(`expected a task, got ${result.status}`)
  await machines.run(result.run.id)
  const record = await store.runs.get(job.id, result.run.id)
  if (!record) throw new Error(`expected the record of ${result.run.id} at ${ports.clock.now()}, got none`)
  return record
}

/** A store with the same records: all of them are replaced, never changed, so the maps are copied only. */
function copyOf(store: Store, clock: { readonly now: () => number }): Store {
  const copy = memoryStore(clock)
  for (const [name, from] of Object.entries(store.memory) as [keyof Memory, unknown][]) {
    const to = copy.memory[name]
    if (to instanceof Map && from instanceof Map) for (const [key, value] of from) to.set(key, value)
    if (Array.isArray(to) && Array.isArray(from)) to.push(...(from as never[]))
  }
  return copy
}

/** An invented key for each provider that needs one. */
function secretsOf(providers: readonly Upstream[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    providers.flatMap(({ name, secret }) => (secret ? [[secret.parameter, `attack-key-of-${name}`]] : [])),
  )
}

function declaredUpstream(name: string, settings: SettingTexts): Upstream {
  const declared = upstreams.find((candidate) => candidate.name === name)
  if (!declared) throw new TypeError(`expected a provider in shared/upstreams/, got ${name}`)
  return resolveUpstream(declared, settings)
}
