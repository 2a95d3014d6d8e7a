import { job as contractsDeclaration } from '#functions/jobs/funding-contracts/job.ts'
import { refresh as contractsRefresh } from '#functions/jobs/funding-contracts/refresh.ts'
import { job as ratesDeclaration } from '#functions/jobs/funding-rates/job.ts'
import { refresh } from '#functions/jobs/funding-rates/refresh.ts'
import { submissionsByJob } from '#functions/jobs/submissions.ts'
import { viewsByJob } from '#functions/jobs/views.ts'
import { Reads } from '#functions/reads/reads.ts'
import { type SubmitRequest, SubmitRequests } from '#functions/submit/requests.ts'
import { simulatedProviders } from '#infra/local/simulated/index.ts'
import { resolveJob } from '#shared/declare/job.ts'
import type { SettingTexts } from '#shared/declare/settings.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import type { StateMachines } from '#shared/domain/ports/state-machines.ts'
import type { Store } from '#shared/domain/ports/store.ts'
import { SNAPSHOT_KEY } from '#shared/domain/records/snapshot.ts'
import { run } from '#shared/engine/run.ts'
import type { Submission } from '#shared/engine/task/submission.ts'
import { submit } from '#shared/engine/task/submit.ts'
import type { TaskStep } from '#shared/engine/task/task-run.ts'
import { VENUE_UPSTREAMS, type Venue } from '#shared/systems/funding/venues.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { jsonOf } from '#test/fakes/world/clients.ts'
import { type StepFault, submitPorts, taskMachines } from '#test/fakes/world/task-machine.ts'
import { type Reply, world } from '#test/fakes/world/world.ts'
import { AT } from './funding.ts'

const SEED = 1

/** What a venue does with a call that a test has taken from its stand-in; `undefined` leaves it to the stand-in. */
type VenueScript = (path: string, body: () => unknown) => Reply | undefined

interface FundingWorldOptions {
  readonly settings?: SettingTexts
  readonly fate?: (step: TaskStep) => StepFault | Promise<StepFault>
  readonly faults?: (store: Store) => Store
  /** In place of machines that are started by hand. */
  readonly machines?: StateMachines
}

/**
 * The job of funding rates over fakes and over the stand-ins of its venues: its door, its machine and its reads. The
 * contracts of every venue are stored, its rates are not.
 */
export async function fundingWorld({
  settings = {},
  fate,
  faults,
  machines: other,
}: FundingWorldOptions = {}) {
  const [upstream, ...others] = resolveJob(ratesDeclaration, settings).upstreams.map((name) => {
    const declared = upstreams.find((one) => one.name === name)
    if (!declared) throw new Error(`expected a declared provider, got ${name}`)
    return resolveUpstream(declared, settings)
  })
  if (!upstream) throw new Error('expected a provider')
  const job = resolveJob(ratesDeclaration, settings)
  const contractsJob = resolveJob(contractsDeclaration, settings)
  const base = world({
    job,
    upstream,
    otherUpstreams: others,
    refresh,
    start: AT,
    ...(faults ? { faults } : {}),
  })
  const { clock, store } = base
  const venues = new Map<string, VenueScript>()
  const hosts = new Map([upstream, ...others].map(({ name, baseUrls }) => [baseUrls[0]?.host, name]))

  base.script(({ url }): Reply => {
    const name = hosts.get(url.host) ?? url.host
    const standIn = () => {
      const answer = simulatedProviders[name]?.(SEED, clock.now(), url.pathname, url.searchParams)
      if (!answer) throw new Error(`expected a provider with a stand-in, got ${name}`)
      return answer
    }
    return venues.get(name)?.(url.pathname, () => JSON.parse(standIn().body)) ?? standIn()
  })
  const contracts = () =>
    run({ cause: 'first-run' }, { ...base.work, job: contractsJob, refresh: contractsRefresh })
  await contracts()
  base.calls.length = 0
  base.events.length = 0
  base.lines.length = 0

  const machines = taskMachines(base.work, fate)
  const ports = submitPorts(base.work, store, other ?? machines)
  const submitRequests = new SubmitRequests({
    jobs: [job, contractsJob],
    submissions: submissionsByJob,
    ports,
  })
  const counts = { add: () => {}, addFallback: () => {} }
  const { bus, log } = base.work.ports
  const reads = new Reads([job, contractsJob], '0.0.0', {
    clock,
    bus,
    log,
    counts,
    views: viewsByJob,
    store: base.work.ports.store,
  })

  async function submitted(params: Submission['params'] = {}, more: Partial<Submission> = {}) {
    // jitter leaves a part of a millisecond, which no system clock has
    clock.advance(Math.ceil(clock.now()) - clock.now())
    const became = await submit({ job, cause: 'submission', params, ...more }, ports)
    if (!('run' in became)) throw new Error(`expected a task, got ${became.status}`)
    return became.run.id
  }
  async function get(target: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') {
    const [path = '', search = ''] = target.split('?')
    const query = Object.fromEntries(new URLSearchParams(search))
    return reads.handle({ method, path: `/funding_monitor${path}`, query, headers })
  }
  async function ask(target: string) {
    const result = await get(target)
    return { status: result.statusCode, headers: result.headers, body: jsonOf(result) }
  }
  return {
    ...base,
    job,
    contractsJob,
    contracts,
    machines,
    ports,
    submitted,
    get,
    ask,
    /** From now on a venue answers as a test says. */
    venue: (venue: Venue, answers: VenueScript) => venues.set(VENUE_UPSTREAMS[venue], answers),
    /** Submits a refresh and runs its machine to its end; the id of its task. */
    refreshed: async (params: Submission['params'] = {}, more: Partial<Submission> = {}) => {
      const id = await submitted(params, { requiresNewRun: true, ...more })
      await machines.run(id)
      return taskId(id)
    },
    /** The state of a task, as its clients poll it. */
    polled: async (task: string, page = '') => {
      const { body } = await ask(`/task-status/${task}${page}`)
      return body.task_status
    },
    /** A request to the door of submissions. */
    knock: async (target: string, more: Partial<SubmitRequest> = {}) => {
      const [path = '', search = ''] = target.split('?')
      const query = Object.fromEntries(new URLSearchParams(search))
      const request = { method: 'GET', headers: {}, query, actor: undefined, ...more }
      const result = await submitRequests.handle({ ...request, path: `/funding_monitor${path}` })
      return { status: result.statusCode, headers: result.headers, body: jsonOf(result) }
    },
    head: () => store.memory.heads.get(`${job.id} ${SNAPSHOT_KEY}`),
    /** Every record that is stored now, by symbol. */
    records: async () => {
      const head = store.memory.heads.get(`${job.id} ${SNAPSHOT_KEY}`)
      const entries = head ? ((await store.snapshots.entries(job.id, head)) ?? []) : []
      return new Map(entries.map(({ key, body }) => [key, JSON.parse(body) as Record<string, unknown>]))
    },
    state: () => store.states.get(job.id),
  }
}

/** A task's id as it is documented. */
export function taskId(run: string): string {
  return run.replace('funding-rates-', 'latest_rates_')
}

/** A venue that blocks this region; its body must never be published. */
export const regionBlockedReply: Reply = {
  status: 451,
  body: { code: 0, msg: 'Service unavailable from a restricted location, token=sk-live-0123456789abcdef' },
}
