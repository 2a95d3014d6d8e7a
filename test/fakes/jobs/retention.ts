import { operatorViewsByJob } from '#functions/jobs/operator-views.ts'
import { job } from '#functions/jobs/retention/job.ts'
import { refresh } from '#functions/jobs/retention/refresh.ts'
import { type JobDeclaration, resolveJob } from '#shared/declare/job.ts'
import { retainedDatasets } from '#shared/declare/retained-datasets.ts'
import type { SettingTexts } from '#shared/declare/settings.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import type { HistoryRow } from '#shared/domain/records/publication.ts'
import type { RunRequest } from '#shared/engine/model/run-state.ts'
import { historyRetention, type RetentionStore } from '#shared/engine/publish/history-retention.ts'
import { run } from '#shared/engine/run.ts'
import { coingecko } from '#shared/upstreams/coingecko.ts'
import { operator } from '#test/fakes/world/clients.ts'
import { type World, world } from '#test/fakes/world/world.ts'

const DAY = 86_400_000

/**
 * The job over the fakes, with these declarations as all other jobs and nothing stored.
 *
 * @param options - `wrap` replaces the table that the retention uses, to make it slow or fail
 */
export function retentionWorld(
  start: number,
  declarations: readonly JobDeclaration[],
  { settings = {}, wrap = (each) => each, store: shared }: RetentionOptions = {},
) {
  const base = world({
    job: resolveJob(job, {}),
    refresh,
    upstream: resolveUpstream(coingecko, {}),
    start,
    ...(shared ? { store: shared } : {}),
  })
  const { store, clock } = base
  const { upstream: _, ...work } = base.work
  const jobs = [...declarations, job].map((declaration) => resolveJob(declaration, settings))
  const retention = historyRetention(retainedDatasets(jobs), wrap(store), clock)
  return {
    ...base,
    jobs,
    /** A row of an entity, so many days old by now, kept for as long as its job declares. */
    putRow: (id: string, kind: string, daysOld: number, entity = 'A') => {
      const keepFor = jobs.find((each) => each.id === id)?.history[kind]
      if (keepFor === undefined) throw new TypeError(`expected a kind of history of ${id}, got ${kind}`)
      const at = clock.now() - daysOld * DAY
      const row: HistoryRow = { kind, entity, at, data: { daysOld }, expiresAt: at + keepFor }
      return store.history.put(id, [row])
    },
    /** The ages in days of the rows that are stored, by job and kind. */
    ages: () => {
      const ages: Record<string, number[]> = {}
      for (const [name, row] of store.memory.history) {
        const key = `${name.split(' ')[0]} ${row.kind}`
        ages[key] = [...(ages[key] ?? []), Math.round((clock.now() - row.at) / DAY)].sort((a, b) => a - b)
      }
      return ages
    },
    runAll: (request: RunRequest = { cause: 'operator' }) => run(request, { ...work, retention }),
    /** The report as operators read it. */
    report: () => operator(base, { operatorViews: operatorViewsByJob }).get('/api/v1/admin/retention'),
  }
}

interface RetentionOptions {
  readonly settings?: SettingTexts
  readonly wrap?: (store: RetentionStore) => RetentionStore
  /** Shared with another world. */
  readonly store?: World<unknown>['store']
}
