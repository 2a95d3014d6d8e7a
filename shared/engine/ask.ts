import type { Aside, DataSource } from '../ports/records.ts'
import type { KeyResult, RunState, Work } from './context.ts'
import { each } from './each.ts'
import { asRefreshError, RefreshError } from './errors.ts'
import { type Fetched, fetchRequest } from './fetch.ts'
import { judge, RejectedValue } from './judge.ts'
import { inTable } from './publish.ts'
import type { ItemBody, Previous, Request } from './refresh.ts'

const KEEP_ASIDE_MS = 7 * 86_400_000

/** A body that passed the judge, or why there is none. */
export type Judgement = { readonly key: string } & (
  | { readonly ok: true; readonly body: ItemBody; readonly dataSource: DataSource }
  | { readonly ok: false; readonly error: RefreshError }
)

/** What the requests of a run add up to. */
export interface Tally {
  readonly attempts: number
  /** What the job says of the first value that passed. */
  readonly said?: string
}

/** What is stored of a key, as the judge and the summary see it. */
export interface Known {
  readonly previous: Previous
  readonly freshUntil: number
}

/** What becomes of a body that passed: the key's result, or nothing yet. */
type Pass = (judged: Judgement & { ok: true }) => Promise<KeyResult | undefined>

/**
 * Asks the upstream for every request, with bounded concurrency, and judges what comes back. A failure that concerns
 * the provider stops further requests and attempts at once; a wait that the upstream asked for and that does not fit
 * binds everybody from then on. A body that is malformed or not believed is kept aside.
 *
 * @returns the results of the keys that failed or that `pass` gave one
 */
export async function askAll<V>(
  requests: readonly Request[],
  state: RunState,
  stored: ReadonlyMap<string, Known>,
  work: Work<V>,
  pass: Pass,
): Promise<{ results: KeyResult[]; tally: Tally }> {
  let attempts = 0
  let said: string | undefined
  let stop: RefreshError | undefined

  const ask = async (request: Request): Promise<KeyResult | undefined> => {
    const { key } = request
    const known = stored.get(key)
    if (stop) return failed(key, stop, known)
    const fetched = await fetchRequest(request, state.deadline, () => stop, work)
    attempts += fetched.attempts
    try {
      if (!fetched.ok) throw fetched.error
      const { value, body } = judge(key, fetched.bodies, known?.previous, await setAside(key, work), work)
      said ??= work.refresh.say?.(value)
      return await pass({ key, ok: true, body, dataSource: fetched.dataSource })
    } catch (thrown) {
      const error = speakable(asRefreshError(thrown), fetched.clean)
      if (error.scope === 'provider') stop ??= error
      return failed(key, await keepAside(key, error, fetched, state, work), known)
    }
  }

  const results = (await each(requests, work.job.run.concurrency, ask)).filter((one) => one !== undefined)
  await coolDown(results, work)
  return {
    results,
    tally: { attempts, ...(said === undefined ? {} : { said }) },
  }
}

/** What cannot be stored is told to the operator: the run ends as it would, and the next one finds out itself. */
async function coolDown<V>(results: readonly KeyResult[], { job, upstream, ports }: Work<V>): Promise<void> {
  const asked = results.flatMap((one) => (one.result === 'failed' ? [one.error] : []))
  const longest = asked.toSorted((a, b) => (b.retryAfterMs ?? -1) - (a.retryAfterMs ?? -1))[0]
  if (longest?.retryAfterMs === undefined) return
  const until = ports.clock.now() + longest.retryAfterMs
  try {
    await ports.store.upstreams.coolDown(upstream.name, until, longest.reason)
  } catch (error) {
    ports.log.error('A wait that the upstream asked for could not be stored', { job: job.id, until, error })
  }
}

/** The error as it may be told: a value or a message made from a body may hold what the body echoed. */
function speakable(error: RefreshError, clean: (text: string) => string): RefreshError {
  const message = clean(error.message)
  const { reason, retryable, scope } = error
  return message === error.message ? error : new RefreshError(reason, message, { retryable, scope })
}

function failed(key: string, error: RefreshError, known: Known | undefined): KeyResult {
  return { key, result: 'failed', error, ...(known ? { freshUntil: known.freshUntil } : {}) }
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
