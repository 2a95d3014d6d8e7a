import { asRefreshError } from '#shared/domain/errors.ts'
import type { Params } from '#shared/domain/json.ts'
import { noCounts, skippedOutcome } from '#shared/domain/outcome.ts'
import { planContext, readInputs } from '../model/inputs.ts'
import type { RunStep } from '../model/run-state.ts'

/**
 * Asks the job what to fetch, over what is stored. An empty plan is a recorded skip; a plan that throws is a defect of
 * the job. An override of the items holds for what the job would refresh by itself: whoever asks for one key, or says
 * what for, gets that.
 */
export const plan: RunStep = async (before, work) => {
  const { key, params = {} } = before.request
  const state = { ...before, storedInputs: await readInputs(work) }
  try {
    const isAskedFor = key !== undefined || differsFromDefaults(params, work.job.params)
    const items = isAskedFor ? undefined : state.overrides?.items
    const requests = work.refresh.plan({
      ...planContext(state, work),
      ...(key === undefined ? {} : { key }),
      ...(items === undefined ? {} : { items }),
    })
    if (requests === 'stored') return { ...state, plan: [], reusesStored: true }
    const wanted = requests
      .filter((request) => key === undefined || request.key === key)
      .filter((request) => items === undefined || items.includes(request.key))
    if (wanted.length > 0) return { ...state, plan: wanted }
    const by = items === undefined ? '' : ', under an override of the items'
    const what = `${key === undefined ? 'the plan is empty' : 'the plan does not hold the key asked for'}${by}`
    return { ...state, outcome: skippedOutcome('nothing-to-do', what) }
  } catch (error) {
    const { reason, message } = asRefreshError(error)
    return { ...state, outcome: { status: 'failed', reason, message, counts: noCounts } }
  }
}

/** Whether parameters differ from what they are unless said. */
function differsFromDefaults(params: Params, usual: Params): boolean {
  return Object.entries(params).some(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(usual[name] ?? null),
  )
}
