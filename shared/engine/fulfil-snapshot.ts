import { asRefreshError, type RefreshError } from '#shared/domain/errors.ts'
import type { Entry } from '#shared/domain/records/snapshot.ts'
import { askAll, type Fulfilled, type Known } from './ask.ts'
import type { Refusal } from './budget/reserve.ts'
import type { KeyResult, Ready, Work } from './context.ts'
import { type Share, shareOf } from './share.ts'
import { publishSnapshot } from './snapshot.ts'
import { isServable } from './snapshot-view.ts'
import { decoded } from './stored-set.ts'
import type { Tally } from './tally.ts'

/** Asks for each key of the plan and publishes all of them as one set. */
export async function fulfilSnapshot<V>(state: Ready, work: Work<V>): Promise<Fulfilled | Refusal> {
  const asked = await askShares(state, work)
  if (asked.status === 'refused') return asked
  const { results: shares, tally } = asked
  try {
    const { results, figures } = await publishSnapshot(shares, state, work)
    return { status: 'fulfilled', results, tally, ...(figures ? { figures } : {}) }
  } catch (thrown) {
    const error = asRefreshError(thrown)
    return { status: 'fulfilled', results: lost(shares, error), tally }
  }
}

/** Asks for each key of the plan, and publishes nothing yet. */
export function askShares<V>(
  state: Ready,
  work: Work<V>,
): Promise<{ status: 'asked'; results: Share[]; tally: Tally } | Refusal> {
  const { own } = state.given
  const oldest = work.ports.clock.now() - work.job.freshness.keepForMs
  const isOfThisRender = own?.head.render === work.refresh.renderVersion
  const kept = own?.entries.filter(({ checkedAt }) => checkedAt > oldest)
  const known = new Map(kept?.map((entry) => [entry.key, knownEntry(entry, isOfThisRender, work)]))
  return askAll(state.plan, state, known, work, async (judged) => shareOf(judged))
}

/** What becomes of a set that cannot be published: what had failed before keeps its own reason. */
export function lost(shares: readonly Share[], error: RefreshError): KeyResult[] {
  return shares
    .flatMap(({ members }) => members)
    .map((one) => ({ key: one.key, result: 'failed', error: one.answer === 'failure' ? one.error : error }))
}

/** What cannot be served need not be confirmed. */
function knownEntry<V>(entry: Entry, isOfThisRender: boolean, { job, ports }: Work<V>): Known {
  const { asOf, checkedAt, validator } = entry
  const isKept = isOfThisRender && isServable(entry, job.freshness, ports.clock.now())
  const payload = decoded(entry)
  return {
    previous: {
      asOf,
      checkedAt,
      get data() {
        return payload.data
      },
    },
    ...(validator && isKept ? { validator } : {}),
  }
}
