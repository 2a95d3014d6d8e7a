import type { Job } from '#shared/declare/job.ts'
import type { Route } from '#shared/declare/route.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import { datasets } from '#shared/read/datasets.ts'
import { viewResponses } from '#shared/read/view-response.ts'
import { expectLiveQuery, withBypassLabel } from './live-read.ts'
import { consistentStore } from './look-at.ts'
import type { OperationContext } from './operation.ts'
import { liveRefresh } from './renewals.ts'

/**
 * Answers as the public path would that a shape makes, once the keys that it looks at are renewed: one of them by a run
 * of its own, several by one run of all of them. Keys that were checked within the job's interval are answered as they
 * stand.
 */
export async function liveView(
  job: Job,
  route: Route,
  parameters: Readonly<Record<string, string>>,
  call: OperationContext,
): Promise<HttpResult> {
  expectLiveQuery(call.request.query)
  const { store, clock, views = {} } = call.ports
  const shape = views[job.id]?.[route.view ?? '']
  if (!shape || route.live === undefined)
    throw new TypeError(`the route ${route.path} names the unknown shape ${route.view}`)
  const renewed = liveRefresh(job, route.live, call)
  const answer = viewResponses({
    datasets: datasets(consistentStore(store), clock),
    store,
    clock,
    inputOf: ({ id, inputs }, name) => {
      const input = inputs.includes(name) ? call.system.jobs.find((one) => one.id === name) : undefined
      if (input) return input
      throw new TypeError(`expected an input of ${id}, got ${name}`)
    },
    // whoever looks here has data renewed, and asks for nothing else
    onStale: async () => {},
    fill: async () => ({ status: 'empty' }),
    liveRefresh: renewed,
  })
  const result = await answer(shape, job, route, parameters, { ...call.request, query: {} })
  return result.statusCode === 200 && renewed.hasStartedRun() ? withBypassLabel(result) : result
}
