import { defined } from '#shared/domain/defined.ts'
import { asRefreshError } from '#shared/domain/errors.ts'
import type { Params } from '#shared/domain/json.ts'
import { failedOutcome, skippedOutcome } from '#shared/domain/outcome.ts'
import { planContext, readIndex, readInputs, readItems } from '../model/inputs.ts'
import type { RunStep } from '../model/run-state.ts'
import { logStart } from './fetch-log.ts'

/**
 * Lets the job plan its requests, from what is stored. An empty plan is a recorded skip; a plan that throws is a defect
 * of the job. An override of the items does not apply to a request for one key or with parameters of its own.
 */
export const plan: RunStep = async (before, work) => {
  const { key, params = {} } = before.request
  const storedInputs = await readInputs(work)
  const state = { ...before, storedInputs }
  try {
    const isSpecific = key !== undefined || differsFromDefaults(params, work.job.params)
    const items = isSpecific ? undefined : state.overrides?.items
    const base = { ...planContext(state, work), ...defined({ key, items }) }
    const context = { ...base, index: await readIndex(base, work) }
    const keys = work.refresh.keys?.(context).filter((each) => key === undefined || each === key)
    const itemInputs = keys && (await readItems(keys, work))
    const planned = work.refresh.plan({ ...context, ...itemInputs })
    if (planned === 'stored') return { ...state, plan: [], reusesStored: true }
    if ('nothingToDo' in planned) {
      const { nothingToDo: message } = planned
      return { ...state, outcome: skippedOutcome('nothing-to-do', message), logMessage: message }
    }
    const requests = planned
      .filter((request) => key === undefined || request.key === key)
      .filter((request) => items === undefined || items.includes(request.key))
    if (requests.length > 0) {
      logStart(state, work)
      return { ...state, plan: requests, storedInputs: { ...storedInputs, ...itemInputs } }
    }
    const cause = items === undefined ? '' : ', under an override of the items'
    const message = `${key === undefined ? 'the plan is empty' : 'the plan does not contain the requested key'}${cause}`
    return { ...state, outcome: skippedOutcome('nothing-to-do', message) }
  } catch (error) {
    return { ...state, outcome: failedOutcome(asRefreshError(error)) }
  }
}

function differsFromDefaults(params: Params, defaults: Params): boolean {
  return Object.entries(params).some(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(defaults[name] ?? null),
  )
}
