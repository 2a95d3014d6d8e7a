import { job } from '#functions/jobs/top-gainers/job.ts'
import { refresh } from '#functions/jobs/top-gainers/refresh.ts'
import { viewsByJob } from '#functions/jobs/views.ts'
import { ReadCounts } from '#functions/reads/metrics.ts'
import { Reads } from '#functions/reads/reads.ts'
import { resolveJob } from '#shared/declare/job.ts'
import type { BusEvent } from '#shared/domain/ports/bus.ts'
import { run } from '#shared/engine/run.ts'
import { jsonOf } from '#test/fakes/world/clients.ts'
import { hamaWorld } from './hama.ts'

const PATH = '/api/gainer-analysis/top-gainers'

/** The job over the fakes, asking the stand-in; the universe is published. Runs that readers ask for begin at once. */
export async function topGainersWorld() {
  const base = await hamaWorld()
  const work = { ...base.work, job: resolveJob(job, {}), refresh }
  const ended: Awaited<ReturnType<typeof run>>[] = []
  let requests = 0
  const ask = (cause: 'stale-read' | 'cold-read' | 'operator', key?: string) => {
    const at = base.clock.now()
    requests += 1
    return run({ cause, event: { id: `event-${requests}`, at }, ...(key === undefined ? {} : { key }) }, work)
  }

  /** The reads of one process. */
  function reader() {
    const { ports } = work
    const publish = async (event: BusEvent) => {
      if (event.type !== 'refresh.requested' || event.detail.job !== work.job.id) return
      base.events.push(event)
      void ask(event.detail.cause as 'stale-read', event.detail.key).then((one) => ended.push(one))
    }
    const reads = new Reads([work.job, base.universe.job], '0.0.0', {
      ...ports,
      store: base.store,
      bus: { publish },
      views: viewsByJob,
      counts: new ReadCounts('test', ports.clock),
    })
    return async (query: Readonly<Record<string, string>> = {}) => {
      const result = await reads.handle({ method: 'GET', path: PATH, headers: {}, query })
      return { status: result.statusCode, headers: result.headers, body: jsonOf(result) }
    }
  }

  return { ...base, work, ended, ask, reader }
}
