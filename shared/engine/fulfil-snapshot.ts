import type { Entry } from '../ports/records.ts'
import { askAll, type Fulfilled, type Judgement, type Known } from './ask.ts'
import type { Refusal } from './budget/reserve.ts'
import type { KeyResult, Ready, Work } from './context.ts'
import { asRefreshError, type RefreshError } from './errors.ts'
import { inTable } from './publish.ts'
import type { JsonValue } from './refresh.ts'
import { expectFits } from './render.ts'
import { publishSnapshot, storedSet } from './snapshot.ts'
import { isServable } from './snapshot-view.ts'

/** Asks for each key of the plan and publishes all of them as one set. */
export async function fulfilSnapshot<V>(state: Ready, work: Work<V>): Promise<Fulfilled | Refusal> {
  const stored = await inTable(storedSet(work))
  const oldest = work.ports.clock.now() - work.job.freshness.keepForMs
  const isOfThisRender = stored?.head.render === work.refresh.renderVersion
  const kept = stored?.entries.filter(({ checkedAt }) => checkedAt > oldest)
  const known = new Map(kept?.map((entry) => [entry.key, knownEntry(entry, isOfThisRender, work)]))
  const asked = await askAll(state.plan, state, known, work, async (judged) => fitting(judged))
  if (asked.status === 'refused') return asked
  const { results: judged, tally } = asked
  try {
    return { status: 'fulfilled', results: await publishSnapshot(judged, stored, state, work), tally }
  } catch (thrown) {
    const error = asRefreshError(thrown)
    return { status: 'fulfilled', results: judged.map((one) => lost(one, error)), tally }
  }
}

/** A member that no page can hold fails by itself, not the whole set. */
function fitting(judged: Judgement): Judgement {
  if (judged.answer !== 'value') return judged
  try {
    expectFits(judged.body)
    return judged
  } catch (thrown) {
    return { key: judged.key, answer: 'failure', error: asRefreshError(thrown) }
  }
}

function lost(one: Judgement, error: RefreshError): KeyResult {
  return { key: one.key, result: 'failed', error: one.answer === 'failure' ? one.error : error }
}

/** What cannot be served need not be confirmed. */
function knownEntry<V>(entry: Entry, isOfThisRender: boolean, { job, ports }: Work<V>): Known {
  const { asOf, checkedAt, body, validator } = entry
  const isKept = isOfThisRender && isServable(entry, job.freshness, ports.clock.now())
  return {
    previous: {
      asOf,
      checkedAt,
      get data() {
        return JSON.parse(body) as JsonValue
      },
    },
    ...(validator && isKept ? { validator } : {}),
  }
}
