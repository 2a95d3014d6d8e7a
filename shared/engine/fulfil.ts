import type { Item } from '../ports/store.ts'
import { askAll, type Judgement, type Tally } from './ask.ts'
import type { KeyResult, RunState, Work } from './context.ts'
import { asRefreshError, type RefreshError } from './errors.ts'
import { isFulfilled } from './gate.ts'
import { inTable, publishItem } from './publish.ts'
import type { Request } from './refresh.ts'
import { renderItem } from './render.ts'
import { publishSnapshot } from './snapshot.ts'

/** A run that has its lease and its plan. */
type Ready = RunState & { readonly fence: number; readonly plan: readonly Request[] }

/**
 * Does what the plan asks for: fetch, judge, render and publish, key by key, or for a snapshot the whole set at the
 * end. What one key lost, the others keep.
 */
export async function fulfil<V>(state: RunState, work: Work<V>): Promise<RunState> {
  const { fence, plan } = state
  if (fence === undefined || plan === undefined)
    throw new TypeError('expected a run with its lease and its plan')
  const ready: Ready = { ...state, fence, plan }
  const { results, tally } =
    work.job.stored === 'snapshot' ? await asSnapshot(ready, work) : await asItems(ready, work)
  return {
    ...state,
    results,
    attempts: state.attempts + tally.attempts,
    ...(tally.said === undefined ? {} : { said: tally.said }),
  }
}

interface Fulfilled {
  readonly results: readonly KeyResult[]
  readonly tally: Tally
}

async function asItems<V>(state: Ready, work: Work<V>): Promise<Fulfilled> {
  const { job, ports } = work
  const keys = state.plan.map(({ key }) => key)
  const stored = unexpired(await inTable(ports.store.items.getMany(job.id, keys)), ports.clock.now())
  const [done, toAsk] = parted(state.plan, ({ key }) => isConfirmedSince(stored.get(key), state))
  const { results, tally } = await askAll(toAsk, state, stored, work, async (judged, item) =>
    publishItem(renderItem(judged.key, judged.body, judged.dataSource, state, work), item, work),
  )
  const confirmed = done.map(({ key }): KeyResult => {
    return { key, result: 'unchanged', freshUntil: stored.get(key)?.freshUntil ?? 0 }
  })
  return { results: [...results, ...confirmed], tally }
}

async function asSnapshot<V>(state: Ready, work: Work<V>): Promise<Fulfilled> {
  const members: Judgement[] = []
  const { results, tally } = await askAll(state.plan, state, new Map(), work, async (judged) => {
    members.push(judged)
    return undefined
  })
  for (const { key, ...result } of results) {
    if (result.result === 'failed') members.push({ key, ok: false, error: result.error })
  }
  try {
    return { results: await publishSnapshot(members, state, work), tally }
  } catch (thrown) {
    const error = asRefreshError(thrown)
    return { results: members.map((one) => lost(one, error)), tally }
  }
}

function lost(one: Judgement, error: RefreshError): KeyResult {
  return { key: one.key, result: 'failed', error: one.ok ? error : one.error }
}

/** What clearance has not yet removed counts as absent. */
function unexpired(items: ReadonlyMap<string, Item>, now: number): ReadonlyMap<string, Item> {
  return new Map([...items].filter(([, item]) => item.expiresAt > now))
}

/** Whether another run has fulfilled the wish since: then nobody is asked again. */
function isConfirmedSince(item: Item | undefined, { request }: RunState): boolean {
  return item !== undefined && isFulfilled(request, item.checkedAt)
}

function parted<T>(elements: readonly T[], belongs: (element: T) => boolean): [T[], T[]] {
  return [elements.filter(belongs), elements.filter((element) => !belongs(element))]
}
