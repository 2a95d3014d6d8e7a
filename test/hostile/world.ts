import { pathToFileURL } from 'node:url'
import type { Job } from '#shared/declare/job.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { resolveUpstream, type Upstream } from '#shared/declare/upstream.ts'
import type { Params } from '#shared/domain/json.ts'
import type { HttpRequest } from '#shared/domain/ports/http.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import { submit } from '#shared/engine/task/submit.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import type { Memory } from '#test/fakes/store/memory.ts'
import { memoryStore } from '#test/fakes/store/memory-store.ts'
import { submitPorts, taskMachines } from '#test/fakes/world/task-machine.ts'
import { type World, world } from '#test/fakes/world/world.ts'
import { GoodBodies, type UpstreamCall } from './good-bodies.ts'
import type { GoodResponse, Mutation } from './mutations.ts'
import { type AttackedRequest, declarationOf, type Profile, resolvedJob } from './profiles.ts'

const START = Date.UTC(2026, 10, 20, 12)

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

  private constructor(profile: Profile, refresh: Refresh<unknown>, bodies: GoodBodies) {
    this.#profile = profile
    this.#refresh = refresh
    this.#bodies = bodies
    this.job = resolvedJob(profile.declaration, profile.settings)
    this.inputs = this.job.inputs.map((id) => resolvedJob(declarationOf(id), profile.settings))
  }

  /** Opens the world of a profile, and publishes the inputs of its job. */
  static async open(
    profile: Profile,
    bodies = new GoodBodies(profile.rows),
    store = memoryStore({ now: () => START }),
  ) {
    const module = pathToFileURL(`functions/jobs/${profile.declaration.id}/refresh.ts`)
    const { refresh } = (await import(module.href)) as { refresh: Refresh<unknown> }
    const opened = new HostileWorld(profile, refresh, bodies)
    let inputStore = store
    for (const { id } of opened.inputs) {
      const input = { ...profile, declaration: declarationOf(id), down: [] }
      const { world: other, store: before } = await HostileWorld.open(input, bodies, inputStore)
      const { record, store: after } = await other.run(before, START)
      if (record.status !== 'succeeded') throw new Error(`expected ${id} to succeed, got ${record.message}`)
      inputStore = after
    }
    return { world: opened, store: inputStore }
  }

  /** Consecutive times of runs after a time: ticks of the schedule, or as often as the data become stale. */
  times(count: number): readonly number[] {
    const clock = clockOf(this.job.schedule)
    if (clock) return occurrences(clock, { after: START + 60_000, limit: count })
    const stepMs = this.job.freshness.freshForMs + 1_000
    return Array.from({ length: count }, (_, index) => START + (index + 1) * stepMs)
  }

  /** Runs the job once on a copy of a store, at a time: a plain job by `run`, a task by its steps. */
  async run(store: Store, at: number, options: RunOptions = {}): Promise<HostileRun> {
    const { mutations = [], isDown = false, request } = options
    let now = () => at
    const copy = copyOf(store, { now: () => now() })
    const [upstream, ...otherUpstreams] = this.job.upstreams.map(declaredUpstream)
    if (!upstream) throw new TypeError(`expected ${this.job.id} to name an upstream`)
    const { job } = this
    const base = world({ job, upstream, otherUpstreams, refresh: this.#refresh, start: at, store: copy })
    now = () => base.clock.now()
    const responses: GoodResponse[] = []
    base.script((sent) => {
      const call = GoodBodies.callOf(sent, [upstream, ...otherUpstreams])
      if (!call || isDown || this.#profile.down.includes(call.provider)) return { status: 503, body: 'down' }
      return this.#reply(call, sent, base.clock.now(), mutations, responses)
    })
    const record = await recordOf(base, at, request)
    return { record, startedAt: at, endedAt: base.clock.now(), store: copy, lines: base.lines, responses }
  }

  #reply(
    call: UpstreamCall,
    request: HttpRequest,
    now: number,
    mutations: readonly Mutation[],
    responses: GoodResponse[],
  ) {
    const good = this.#bodies.reply(call, request, now)
    responses.push({ call, text: good.body })
    const body = mutations
      .filter(({ provider, path, query }) => {
        return provider === call.provider && path === call.path && (query === '*' || query === call.query)
      })
      .reduce((text, mutation) => mutateText(mutation, text), good.body)
    return { ...good, body }
  }
}

/** A second mutation may meet a body that the first one has left without its place: then the first one counts alone. */
function mutateText(mutation: Mutation, text: string): string {
  try {
    return mutation.mutate(text)
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return text
    throw error
  }
}

function recordOf(base: World<unknown>, at: number, request: RunOptions['request']): Promise<RunRecord> {
  const { job } = base.work
  if (request?.kind === 'key') return base.run({ cause: 'cold-read', key: firstKey(base) })
  if (job.run.mode === 'task')
    return runTask(base, at, request?.kind === 'params' ? request.params : job.params)
  return base.run(clockOf(job.schedule) ? { cause: 'tick', tick: at } : { cause: 'operator' })
}

function firstKey({ work, store }: World<unknown>): string {
  const item = [...store.memory.items.values()].find(({ runId }) => runId.startsWith(`${work.job.id}-`))
  if (item) return item.key
  throw new Error(`expected ${work.job.id} to have a stored item, got none`)
}

async function runTask(
  { work, store, clock }: World<unknown>,
  at: number,
  params: Params,
): Promise<RunRecord> {
  const { job } = work
  const machines = taskMachines(work)
  const task = { job, cause: 'tick' as const, tick: at, params }
  const result = await submit(task, submitPorts(work, store, machines))
  if (!('run' in result)) throw new Error(`expected a task, got ${result.status}`)
  await machines.run(result.run.id)
  const record = await store.runs.get(job.id, result.run.id)
  if (!record) throw new Error(`expected the record of ${result.run.id} at ${clock.now()}, got none`)
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

function declaredUpstream(name: string): Upstream {
  const declared = upstreams.find((candidate) => candidate.name === name)
  if (!declared) throw new TypeError(`expected a provider in shared/upstreams/, got ${name}`)
  return resolveUpstream(declared, {})
}
