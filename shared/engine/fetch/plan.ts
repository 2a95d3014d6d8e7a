import { defined } from '#shared/domain/defined.ts'
import { asRefreshError, RefreshError } from '#shared/domain/errors.ts'
import type { Params } from '#shared/domain/json.ts'
import { failedOutcome, skippedOutcome } from '#shared/domain/outcome.ts'
import { planContext, readIndex, readInputs, readItems } from '../model/inputs.ts'
import type { UpstreamRequest } from '../model/refresh.ts'
import type { PlannedRun, RunState, RunStep, Work } from '../model/run-state.ts'
import { logStart } from './fetch-log.ts'

/**
 * Lets the job plan its requests, from what is stored. An empty plan is a recorded skip; a plan that throws is a defect
 * of the job.
 */
export const plan: RunStep = async (before, work) => {
  const { key } = before.request
  const storedInputs = await readInputs(work)
  const state = { ...before, storedInputs }
  try {
    const items = overriddenItems(state, work)
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
    const mayFollow = key === undefined && work.refresh.laterRequests !== undefined
    if (requests.length > 0 || mayFollow) {
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

/**
 * The requests that follow from what the run has published by now, of a run of the whole plan.
 *
 * @throws {RefreshError} `store` when the table does not answer; `defect` for a key that the plan has too: one run writes a
 *   key once
 */
export async function planLater<V>(state: PlannedRun, work: Work<V>): Promise<readonly UpstreamRequest[]> {
  const items = overriddenItems(state, work)
  const base = { ...planContext(state, work), ...defined({ items }) }
  const index = await readIndex(base, work)
  const requests = work.refresh.laterRequests?.({ ...base, index }) ?? []
  const planned = new Set(state.plan.map(({ key }) => key))
  const repeated = requests.find(({ key }) => planned.has(key))
  if (repeated)
    throw new RefreshError(
      'defect',
      `laterRequests: expected keys that the plan does not have, got ${repeated.key}`,
    )
  return requests.filter(({ key }) => items === undefined || items.includes(key))
}

/** An override of the items does not apply to a request for one key or with parameters of its own. */
function overriddenItems<V>(
  { request, overrides }: RunState,
  { job }: Work<V>,
): readonly string[] | undefined {
  const { key, params = {} } = request
  return key !== undefined || differsFromDefaults(params, job.params) ? undefined : overrides?.items
}

function differsFromDefaults(params: Params, defaults: Params): boolean {
  return Object.entries(params).some(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(defaults[name] ?? null),
  )
}
