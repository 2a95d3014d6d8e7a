import { mapConcurrently } from '#shared/domain/concurrency.ts'
import { asRefreshError, copyWith, RefreshError } from '#shared/domain/errors.ts'
import type { DataSource, Validator } from '#shared/domain/records/publication.ts'
import type { RejectedRecord } from '#shared/domain/records/rejected.ts'
import { excerpt } from '#shared/domain/redaction.ts'
import { planContext } from '../model/inputs.ts'
import type {
  ItemBody,
  ParseContext,
  Previous,
  SetSummary,
  Totals,
  UpstreamRequest,
} from '../model/refresh.ts'
import { addTotals, type RequestStats } from '../model/results.ts'
import type { KeyResult, RunState, Work } from '../model/run-state.ts'
import { storeCall } from '../model/store-call.ts'
import type { Blocked } from '../rate-limit/reservation.ts'
import { type RunBudgets, requestSources, runBudgets } from '../rate-limit/run-budgets.ts'
import { type PublishContent, RejectedValueError, validateBodies } from '../validate/validate.ts'
import type { FetchResult } from './fetch-request.ts'
import { fetchSources } from './fetch-sources.ts'

const REJECTED_RETENTION_MS = 7 * 86_400_000

/** What became of one request: a value that passed the judge, the stored one confirmed, or why there is none. */
export type ValidationResult = { readonly key: string } & (
  | ValidValue
  | { readonly answer: 'unchanged' }
  | { readonly answer: 'failure'; readonly error: RefreshError }
)

/** A value to publish. */
export type ValidValue = PublishContent & {
  readonly answer: 'value'
  /** As parsed: what the job itself knows of it. */
  readonly value: unknown
  /** The provider that answered. */
  readonly upstream: string
  readonly dataSource: DataSource
  readonly validator?: Validator
}

/** A value to publish under its one key. */
export type ValidItem = ValidValue & { readonly body: ItemBody }

/** What became of a plan, whichever way it is stored. */
export interface PlanResult {
  readonly status: 'fulfilled'
  readonly results: readonly KeyResult[]
  /** What the job tells of the set that was published. */
  readonly logFields?: SetSummary['logFields']
  readonly stats: RequestStats
}

/** What is stored of a key, as the judge and the source see it. */
export interface StoredValue {
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
export async function fetchAll<V, R>(
  requests: readonly UpstreamRequest[],
  state: RunState,
  stored: ReadonlyMap<string, StoredValue>,
  work: Work<V>,
  settle: (judged: ValidationResult) => Promise<R>,
): Promise<{ status: 'asked'; results: R[]; tally: RequestStats } | Blocked> {
  const budgets = runBudgets(requests, state, work)
  const refused = await blockedByAll(requests, budgets, work)
  if (refused) return refused
  let attempts = 0
  let retries = 0
  let logMessage: string | undefined
  let totals: Totals | undefined
  let left = requests.length
  let closing: Promise<void> | undefined

  const mayDiffer = Object.keys(work.job.overridableSettings).length > 0
  const ask = async (request: UpstreamRequest): Promise<R> => {
    const { key } = request
    const known = stored.get(key)
    // under other settings the same answer makes another value
    const validator = mayDiffer ? undefined : known?.validator
    const context = { ...planContext(state, work), key }
    const { nextCalls } = work.refresh
    const fetched = await fetchSources(request, {
      work,
      budgets,
      deadline: state.deadline,
      validator,
      ...(nextCalls ? { nextCalls: (bodies, upstream) => nextCalls(bodies, { ...context, upstream }) } : {}),
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
      const judged = validateBodies(bodies, from, known?.previous, await readRejected(key, work), work)
      logMessage ??= work.refresh.logMessage?.(judged.value)
      totals = withAdded(totals, judged.value, from, known?.previous)
      const keeps = given && !judged.body?.isEmpty ? { validator: given } : {}
      return await settle({ key, answer: 'value', ...judged, upstream, dataSource, ...keeps })
    } catch (thrown) {
      const error = sanitizedError(asRefreshError(thrown), fetched.redact)
      if (error.scope === 'provider') fetched.budget?.stop(error)
      return settle({ key, answer: 'failure', error: await storeRejected(key, error, fetched, state, work) })
    }
  }

  const lanes = LANES_PER_CONNECTION * work.job.run.concurrency
  const results = await mapConcurrently(oldestCheckedFirst(requests, stored), lanes, ask)
  await closing
  const usedWeight = budgets.usedWeight()
  const told = {
    ...(logMessage === undefined ? {} : { logMessage }),
    ...(totals === undefined ? {} : { totals }),
    ...(usedWeight === undefined ? {} : { usedWeight }),
  }
  return { status: 'asked', results, tally: { attempts, retries, ...told } }

  /** Figures are no reason to lose a value: one that they cannot be told of is left out of them. */
  function withAdded(
    before: Totals | undefined,
    value: V,
    from: ParseContext,
    previous: Previous | undefined,
  ): Totals | undefined {
    try {
      const more = work.refresh.totals?.(value, { ...from, ...(previous ? { previous } : {}) })
      return more === undefined ? before : addTotals(before ?? {}, more)
    } catch (error) {
      const { job, ports } = work
      ports.log.warn('What a value adds to the figures cannot be told', { job: job.id, key: from.key, error })
      return before
    }
  }
}

/** Why no provider may be asked for anything; `undefined` as soon as one may. */
async function blockedByAll<V>(
  requests: readonly UpstreamRequest[],
  budgets: RunBudgets,
  work: Work<V>,
): Promise<Blocked | undefined> {
  const names = requests.flatMap((request) => requestSources(request, work)).map(({ upstream }) => upstream)
  let first: Blocked | undefined
  for (const name of new Set(names)) {
    const opened = await budgets.open(name)
    if (opened.status === 'open') return undefined
    first ??= opened
  }
  return first
}

/** While one body is judged and published the next one is fetched: connections bound the calls, not the lanes. */
const LANES_PER_CONNECTION = 2

/** So that what did not fit before a deadline comes first next time. */
function oldestCheckedFirst(requests: readonly UpstreamRequest[], stored: ReadonlyMap<string, StoredValue>) {
  const checkedAt = ({ key }: UpstreamRequest) =>
    stored.get(key)?.previous.checkedAt ?? Number.NEGATIVE_INFINITY
  return requests.toSorted((a, b) => Math.sign(checkedAt(a) - checkedAt(b)) || 0)
}

const MAX_MESSAGE_LENGTH = 1_000

/** The error as it may be told, on one line: a message made from a body may hold whatever the body held. */
function sanitizedError(error: RefreshError, clean: (text: string) => string): RefreshError {
  const message = excerpt(clean(error.message), MAX_MESSAGE_LENGTH)
  return message === error.message ? error : copyWith(error, { message })
}

async function readRejected<V>(
  key: string,
  { job, refresh, ports }: Work<V>,
): Promise<RejectedRecord | undefined> {
  return refresh.comparesRejected ? storeCall(ports.store.rejected.get(job.id, key)) : undefined
}

/**
 * Keeps a malformed or rejected body for the operator.
 *
 * @returns the failure to tell: when the body could not be kept, the table's, with the first one inside
 */
async function storeRejected<V>(
  key: string,
  error: RefreshError,
  { rejectedText }: FetchResult,
  { record }: RunState,
  { job, refresh, ports }: Work<V>,
): Promise<RefreshError> {
  if (error.reason !== 'rejected' && error.reason !== 'malformed') return error
  const rejectedAt = ports.clock.now()
  const aside: RejectedRecord = {
    key,
    runId: record.id,
    rejectedAt,
    reason: error.reason,
    message: error.message,
    body: rejectedText(),
    ...(refresh.comparesRejected && error instanceof RejectedValueError
      ? { value: JSON.stringify(error.value) }
      : {}),
    expiresAt: rejectedAt + REJECTED_RETENTION_MS,
  }
  try {
    await storeCall(ports.store.rejected.put(job.id, aside))
    return error
  } catch (thrown) {
    const { message } = asRefreshError(thrown)
    return new RefreshError('store', `${message} (while keeping aside: ${error.message})`, { cause: error })
  }
}
