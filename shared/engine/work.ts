import type { Aside, DataSource, Item } from '../ports/store.ts'
import type { KeyResult, RunState, Work } from './context.ts'
import { each } from './each.ts'
import { asRefreshError, RefreshError } from './errors.ts'
import { fetchRequest } from './fetch.ts'
import { judge, RejectedValue } from './judge.ts'
import { inTable, publishItem } from './publish.ts'
import type { ItemBody, Request } from './refresh.ts'
import { renderItem } from './render.ts'
import { publishSnapshot } from './snapshot.ts'

const KEEP_ASIDE_MS = 7 * 86_400_000

/** What a judged request leads to: an item published at once, or a body that waits for its set. */
export type Passed =
  | { readonly key: string; readonly ok: true; readonly body: ItemBody; readonly dataSource: DataSource }
  | { readonly key: string; readonly ok: false; readonly error: RefreshError }

type Fenced = RunState & { readonly fence: number; readonly plan: readonly Request[] }

/**
 * Fetches, judges, renders and publishes what the plan asks for, with bounded concurrency. A failure that concerns
 * the provider stops further requests at once; what is finished stays published.
 */
export async function work<V>(state: RunState, work: Work<V>): Promise<RunState> {
  if (state.fence === undefined || state.plan === undefined)
    throw new TypeError('expected a leased and planned run')
  const fenced: Fenced = { ...state, fence: state.fence, plan: state.plan }
  const meter = { attempts: 0, said: undefined as string | undefined }
  const results =
    work.job.stored === 'snapshot'
      ? await asSnapshot(fenced, work, meter)
      : await asItems(fenced, work, meter)
  await coolDown(results, work)
  return {
    ...state,
    results,
    attempts: state.attempts + meter.attempts,
    ...(meter.said === undefined ? {} : { said: meter.said }),
  }
}

interface Meter {
  attempts: number
  said: string | undefined
}

async function asItems<V>(state: Fenced, work: Work<V>, meter: Meter): Promise<KeyResult[]> {
  const { job, ports } = work
  const keys = state.plan.map(({ key }) => key)
  const stored = unexpired(await ports.store.items.getMany(job.id, keys), ports.clock.now())
  const toFetch = state.plan.filter(({ key }) => !isConfirmedSince(stored.get(key), state))
  const results = await throughUpstream(toFetch, state, stored, work, meter, async (passed, item) => {
    const rendered = renderItem(passed.key, passed.body, passed.dataSource, state, work)
    return publishItem(rendered, item, work)
  })
  const confirmed = state.plan
    .filter((request) => !toFetch.includes(request))
    .map(({ key }): KeyResult => ({ key, result: 'unchanged', freshUntil: stored.get(key)?.freshUntil ?? 0 }))
  return [...results, ...confirmed]
}

async function asSnapshot<V>(state: Fenced, work: Work<V>, meter: Meter): Promise<KeyResult[]> {
  const passed: Passed[] = []
  const failures = await throughUpstream(state.plan, state, new Map(), work, meter, async (one) => {
    passed.push(one)
    return undefined
  })
  for (const failure of failures) {
    if (failure.result === 'failed') passed.push({ key: failure.key, ok: false, error: failure.error })
  }
  return publishSnapshot(passed, state, work)
}

/** What clearance has not yet removed counts as absent. */
function unexpired(items: ReadonlyMap<string, Item>, now: number): ReadonlyMap<string, Item> {
  return new Map([...items].filter(([, item]) => item.expiresAt > now))
}

/** Whether another run has fulfilled the wish since: then nobody is asked again. An operator always gets a run. */
function isConfirmedSince(item: Item | undefined, { request }: RunState): boolean {
  const { cause, event } = request
  return item !== undefined && event !== undefined && cause !== 'operator' && item.checkedAt > event.at
}

async function throughUpstream<V>(
  requests: readonly Request[],
  state: Fenced,
  stored: ReadonlyMap<string, Item>,
  work: Work<V>,
  meter: Meter,
  pass: (passed: Passed & { ok: true }, item: Item | undefined) => Promise<KeyResult | undefined>,
): Promise<KeyResult[]> {
  let stop: RefreshError | undefined
  const one = async (request: Request): Promise<KeyResult | undefined> => {
    const { key } = request
    const item = stored.get(key)
    const fail = (error: RefreshError): KeyResult => ({
      key,
      result: 'failed',
      error,
      ...(item ? { freshUntil: item.freshUntil } : {}),
    })
    if (stop) return fail(stop)
    const fetched = await fetchRequest(request, state.deadline, work)
    meter.attempts += fetched.attempts
    try {
      if (!fetched.ok) throw fetched.error
      const aside = work.refresh.looksAside
        ? await inTable(work.ports.store.asides.get(work.job.id, key))
        : undefined
      const { value, body } = judge(key, fetched.bodies, item, aside, work)
      meter.said ??= work.refresh.say?.(value)
      return await pass({ key, ok: true, body, dataSource: fetched.dataSource }, item)
    } catch (thrown) {
      const error = asRefreshError(thrown)
      if (error.scope === 'provider') stop ??= error
      const kept = await keepAside(key, error, fetched.evidence, state, work)
      return fail(kept ?? error)
    }
  }
  const results = await each(requests, work.job.run.concurrency, one)
  return results.filter((result) => result !== undefined)
}

/**
 * Keeps a rejected or malformed body for the operator.
 *
 * @returns the table's failure when it could not be kept, so that it is not lost behind the first one
 */
async function keepAside<V>(
  key: string,
  error: RefreshError,
  evidence: () => string,
  { record }: RunState,
  { job, ports }: Work<V>,
): Promise<RefreshError | undefined> {
  if (error.reason !== 'rejected' && error.reason !== 'malformed') return undefined
  const at = ports.clock.now()
  const aside: Aside = {
    key,
    runId: record.id,
    at,
    reason: error.reason,
    message: error.message,
    body: evidence(),
    ...(error instanceof RejectedValue ? { value: JSON.stringify(error.value) } : {}),
    expiresAt: at + KEEP_ASIDE_MS,
  }
  try {
    await inTable(ports.store.asides.put(job.id, aside))
    return undefined
  } catch (thrown) {
    const store = asRefreshError(thrown)
    return new RefreshError('store', `${store.message} (while keeping aside: ${error.message})`, {
      cause: error,
    })
  }
}

/** A wait that the upstream asked for and that did not fit binds everybody from now on. */
async function coolDown<V>(results: readonly KeyResult[], { upstream, ports }: Work<V>): Promise<void> {
  for (const result of results) {
    if (result.result !== 'failed' || result.error.retryAfterMs === undefined) continue
    const until = ports.clock.now() + result.error.retryAfterMs
    await ports.store.upstreams.coolDown(upstream.name, until, result.error.reason)
    return
  }
}
