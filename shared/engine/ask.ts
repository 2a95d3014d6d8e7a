import { each } from '#shared/domain/concurrency.ts'
import { asRefreshError, RefreshError, withChange } from '#shared/domain/errors.ts'
import type { DataSource, Validator } from '#shared/domain/records/publication.ts'
import type { Aside } from '#shared/domain/records/rejected.ts'
import { excerpt } from '#shared/domain/redaction.ts'
import type { Refusal } from './budget/reserve.ts'
import { type Budgets, budgetsOf, sourcesOf } from './budgets.ts'
import type { KeyResult, RunState, Work } from './context.ts'
import type { Fetched } from './fetch.ts'
import { fetchSources } from './fetch-sources.ts'
import { contextOf } from './given.ts'
import { type Content, judge, RejectedValue } from './judge.ts'
import { inTable } from './publish.ts'
import type { ItemBody, ParseContext, Previous, Request, Sums, Whole } from './refresh.ts'
import { added, type Tally } from './tally.ts'

const KEEP_ASIDE_MS = 7 * 86_400_000

/** What became of one request: a value that passed the judge, the stored one confirmed, or why there is none. */
export type Judgement = { readonly key: string } & (
  | Passed
  | { readonly answer: 'unchanged' }
  | { readonly answer: 'failure'; readonly error: RefreshError }
)

/** A value to publish. */
export type Passed = Content & {
  readonly answer: 'value'
  /** As parsed: what the job itself knows of it. */
  readonly value: unknown
  /** The provider that answered. */
  readonly upstream: string
  readonly dataSource: DataSource
  readonly validator?: Validator
}

/** A value to publish under its one key. */
export type PassedItem = Passed & { readonly body: ItemBody }

/** What became of a plan, whichever way it is stored. */
export interface Fulfilled {
  readonly status: 'fulfilled'
  readonly results: readonly KeyResult[]
  /** What the job tells of the set that was published. */
  readonly figures?: Whole['figures']
  readonly tally: Tally
}

/** What is stored of a key, as the judge and the source see it. */
export interface Known {
  readonly previous: Previous
  readonly validator?: Validator
}

/**
 * Asks the upstream for every request within its budget, the longest unconfirmed first, and judges what comes back.
 * A failure that concerns the provider stops further requests and attempts at once; a wait that it asked for binds
 * everybody from then on. A body that is malformed or not believed is kept aside.
 *
 * @param settle - what becomes of a judgement; it does not throw
 * @returns the results that `settle` gave; or why nothing may be asked
 */
export async function askAll<V, R>(
  requests: readonly Request[],
  state: RunState,
  stored: ReadonlyMap<string, Known>,
  work: Work<V>,
  settle: (judged: Judgement) => Promise<R>,
): Promise<{ status: 'asked'; results: R[]; tally: Tally } | Refusal> {
  const budgets = budgetsOf(requests, state, work)
  const refused = await refusedByAll(requests, budgets, work)
  if (refused) return refused
  let attempts = 0
  let retries = 0
  let said: string | undefined
  let sums: Sums | undefined
  let left = requests.length
  let closing: Promise<void> | undefined

  const mayDiffer = Object.keys(work.job.overridableSettings).length > 0
  const ask = async (request: Request): Promise<R> => {
    const { key } = request
    const known = stored.get(key)
    // under other settings the same answer makes another value
    const validator = mayDiffer ? undefined : known?.validator
    const context = { ...contextOf(state, work), key }
    const { next } = work.refresh
    const fetched = await fetchSources(request, {
      work,
      budgets,
      deadline: state.deadline,
      validator,
      ...(next ? { next: (bodies, upstream) => next(bodies, { ...context, upstream }) } : {}),
    })
    attempts += fetched.attempts
    retries += fetched.retries
    left -= 1
    // others may ask while the last values are published
    if (left === 0) closing = budgets.close()
    try {
      if (fetched.answer === 'failure') throw fetched.error
      if (fetched.answer === 'unchanged') return await settle({ key, answer: 'unchanged' })
      const { bodies, dataSource, upstream, validator: given } = fetched
      const from = { ...context, now: work.ports.clock.now(), upstream }
      const judged = judge(bodies, from, known?.previous, await setAside(key, work), work)
      said ??= work.refresh.say?.(judged.value)
      sums = withAdded(sums, judged.value, from, known?.previous)
      const keeps = given && !judged.body?.isEmpty ? { validator: given } : {}
      return await settle({ key, answer: 'value', ...judged, upstream, dataSource, ...keeps })
    } catch (thrown) {
      const error = speakable(asRefreshError(thrown), fetched.clean)
      if (error.scope === 'provider') fetched.budget?.stop(error)
      return settle({ key, answer: 'failure', error: await keepAside(key, error, fetched, state, work) })
    }
  }

  const lanes = LANES_A_CONNECTION * work.job.run.concurrency
  const results = await each(longestUnconfirmedFirst(requests, stored), lanes, ask)
  await closing
  const weight = budgets.weight()
  const told = {
    ...(said === undefined ? {} : { said }),
    ...(sums === undefined ? {} : { sums }),
    ...(weight === undefined ? {} : { weight }),
  }
  return { status: 'asked', results, tally: { attempts, retries, ...told } }

  /** Figures are no reason to lose a value: one that they cannot be told of is left out of them. */
  function withAdded(
    before: Sums | undefined,
    value: V,
    from: ParseContext,
    previous: Previous | undefined,
  ): Sums | undefined {
    try {
      const more = work.refresh.adds?.(value, { ...from, ...(previous ? { previous } : {}) })
      return more === undefined ? before : added(before ?? {}, more)
    } catch (error) {
      const { job, ports } = work
      ports.log.warn('What a value adds to the figures cannot be told', { job: job.id, key: from.key, error })
      return before
    }
  }
}

/** Why no provider may be asked for anything; `undefined` as soon as one may. */
async function refusedByAll<V>(
  requests: readonly Request[],
  budgets: Budgets,
  work: Work<V>,
): Promise<Refusal | undefined> {
  const names = requests.flatMap((request) => sourcesOf(request, work)).map(({ upstream }) => upstream)
  let first: Refusal | undefined
  for (const name of new Set(names)) {
    const opened = await budgets.of(name)
    if (opened.status === 'open') return undefined
    first ??= opened
  }
  return first
}

/** While one body is judged and published the next one is fetched: connections bound the calls, not the lanes. */
const LANES_A_CONNECTION = 2

/** So that what did not fit before a deadline comes first next time. */
function longestUnconfirmedFirst(requests: readonly Request[], stored: ReadonlyMap<string, Known>) {
  const checkedAt = ({ key }: Request) => stored.get(key)?.previous.checkedAt ?? Number.NEGATIVE_INFINITY
  return requests.toSorted((a, b) => Math.sign(checkedAt(a) - checkedAt(b)) || 0)
}

const LONGEST_MESSAGE = 1_000

/** The error as it may be told, on one line: a message made from a body may hold whatever the body held. */
function speakable(error: RefreshError, clean: (text: string) => string): RefreshError {
  const message = excerpt(clean(error.message), LONGEST_MESSAGE)
  return message === error.message ? error : withChange(error, { message })
}

async function setAside<V>(key: string, { job, refresh, ports }: Work<V>): Promise<Aside | undefined> {
  return refresh.looksAside ? inTable(ports.store.asides.get(job.id, key)) : undefined
}

/**
 * Keeps a malformed or rejected body for the operator.
 *
 * @returns the failure to tell: when the body could not be kept, the table's, with the first one inside
 */
async function keepAside<V>(
  key: string,
  error: RefreshError,
  { evidence }: Fetched,
  { record }: RunState,
  { job, refresh, ports }: Work<V>,
): Promise<RefreshError> {
  if (error.reason !== 'rejected' && error.reason !== 'malformed') return error
  const at = ports.clock.now()
  const aside: Aside = {
    key,
    runId: record.id,
    at,
    reason: error.reason,
    message: error.message,
    body: evidence(),
    ...(refresh.looksAside && error instanceof RejectedValue ? { value: JSON.stringify(error.value) } : {}),
    expiresAt: at + KEEP_ASIDE_MS,
  }
  try {
    await inTable(ports.store.asides.put(job.id, aside))
    return error
  } catch (thrown) {
    const { message } = asRefreshError(thrown)
    return new RefreshError('store', `${message} (while keeping aside: ${error.message})`, { cause: error })
  }
}
