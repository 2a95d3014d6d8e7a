import { envelopeOf } from '../http/envelopes.ts'
import { decompress } from '../ports/codec.ts'
import type { Entry, Item } from '../ports/records.ts'
import { askAll, type Judgement, type Known, type Tally } from './ask.ts'
import type { KeyResult, RunState, Work } from './context.ts'
import { asRefreshError, type RefreshError } from './errors.ts'
import { isFulfilled } from './gate.ts'
import { inTable, publishItem } from './publish.ts'
import type { JsonValue, Request } from './refresh.ts'
import { renderItem } from './render.ts'
import { publishSnapshot, storedSet } from './snapshot.ts'

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
  const done = [...stored.values()].filter(({ checkedAt }) => isFulfilled(state.request, checkedAt))
  const doneKeys = new Set(done.map(({ key }) => key))
  const toAsk = state.plan.filter(({ key }) => !doneKeys.has(key))
  const known = new Map([...stored].map(([key, item]) => [key, knownItem(item, work)]))
  const { results, tally } = await askAll(toAsk, state, known, work, async ({ key, body, dataSource }) =>
    publishItem(renderItem(key, body, dataSource, state, work), stored.get(key), work),
  )
  const confirmed = done.map(({ key, freshUntil }): KeyResult => ({ key, result: 'unchanged', freshUntil }))
  return { results: [...results, ...confirmed], tally }
}

async function asSnapshot<V>(state: Ready, work: Work<V>): Promise<Fulfilled> {
  const members: Judgement[] = []
  const stored = await inTable(storedSet(work))
  const oldest = work.ports.clock.now() - work.job.freshness.keepForMs
  const kept = stored?.entries.filter(({ checkedAt }) => checkedAt > oldest)
  const known = new Map(kept?.map((entry) => [entry.key, knownEntry(entry, work)]))
  const { results, tally } = await askAll(state.plan, state, known, work, async (judged) => {
    members.push(judged)
    return undefined
  })
  for (const { key, ...result } of results) {
    if (result.result === 'failed') members.push({ key, ok: false, error: result.error })
  }
  try {
    return { results: await publishSnapshot(members, stored, state, work), tally }
  } catch (thrown) {
    const error = asRefreshError(thrown)
    return { results: members.map((one) => lost(one, error)), tally }
  }
}

function lost(one: Judgement, error: RefreshError): KeyResult {
  return { key: one.key, result: 'failed', error: one.ok ? error : one.error }
}

/** The stored payload is decoded only when the judge looks at it. */
function knownItem<V>(item: Item, { job }: Work<V>): Known {
  const { asOf, checkedAt, freshUntil, body } = item
  const open = () => envelopeOf(job.envelope).open(JSON.parse(decompress(body).toString('utf8')) as JsonValue)
  return { freshUntil, previous: previous(asOf, checkedAt, open) }
}

function knownEntry<V>({ asOf, checkedAt, body }: Entry, { job }: Work<V>): Known {
  const open = () => JSON.parse(body) as JsonValue
  return { freshUntil: checkedAt + job.freshness.freshForMs, previous: previous(asOf, checkedAt, open) }
}

function previous(asOf: number, checkedAt: number, open: () => JsonValue): Known['previous'] {
  return {
    asOf,
    checkedAt,
    get data() {
      return open()
    },
  }
}

/** What clearance has not yet removed counts as absent. */
function unexpired(items: ReadonlyMap<string, Item>, now: number): ReadonlyMap<string, Item> {
  return new Map([...items].filter(([, item]) => item.expiresAt > now))
}
