import type { RunStore } from '#shared/domain/ports/store.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'

/** Records looked through: more would outlast a request. */
const MAX_SCANNED = 2_000
const PAGE_SIZE = 200

/** Runs that were found, newest first; `searchedTo`: the search stopped there, before the span's beginning. */
interface RunSearchResult {
  readonly runs: readonly RunRecord[]
  readonly searchedTo?: number
}

/** Looks for the runs of one outcome, page by page: the table cannot tell them apart. */
export async function searchRuns(
  outcome: RunRecord['status'],
  job: string,
  { from, to, limit }: { readonly from: number; readonly to: number; readonly limit: number },
  store: RunStore,
): Promise<RunSearchResult> {
  const seen = new Map<string, RunRecord>()
  let until = to
  for (;;) {
    const page = await store.list(job, { from, to: until, limit: PAGE_SIZE })
    const before = seen.size
    for (const run of page) seen.set(run.id, run)
    const runs = [...seen.values()].filter(({ status }) => status === outcome).slice(0, limit)
    const last = page.at(-1)
    if (runs.length === limit || page.length < PAGE_SIZE || last === undefined) return { runs }
    until = seen.size === before ? until - 1_000 : (last.tick ?? last.startedAt)
    if (seen.size >= MAX_SCANNED) return { runs, searchedTo: until }
  }
}
