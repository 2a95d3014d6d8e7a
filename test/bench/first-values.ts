import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadDeclarations } from '#infra/command/report-user-errors.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { resolveSystem } from '#shared/declare/system.ts'
import { start, waitForOrigin } from '#test/support/process/local-process.ts'
import { type OnCleanup, temporaryDirectory } from '#test/support/temporary/cleanup.ts'

/*
 * How long `npm start` with all jobs takes, on an empty data directory, until each job has published its first values, at the
 * pace of the simulated providers; and its resident memory five minutes after the start. Jobs that run on demand wait for a
 * reader and are left out.
 */

const REST_MS = 5 * 60_000
const LIMIT_MS = 15 * 60_000

interface Health {
  readonly jobs: readonly { readonly job: string; readonly last_success_at?: string | null }[]
}

const onDemand = resolveSystem(await loadDeclarations(), {})
  .jobs.filter(({ schedule }) => !clockOf(schedule))
  .map(({ id }) => id)
const cleanups: (() => Promise<void>)[] = []
const atEnd: OnCleanup = (cleanup) => cleanups.unshift(cleanup)
try {
  const data = await temporaryDirectory(atEnd)
  const startedAt = performance.now()
  const elapsedMs = () => performance.now() - startedAt
  const system = start({ FRESHET_DATA: data }, { atEnd, only: 'all' })
  const origin = await waitForOrigin(system)
  const firstMs = new Map<string, number>()
  let waiting: readonly string[] = []
  do {
    await sleep(1_000)
    const { jobs } = (await (await fetch(`${origin}/health`)).json()) as Health
    for (const { job, last_success_at: at } of jobs)
      if (at && !firstMs.has(job)) {
        firstMs.set(job, elapsedMs())
        console.log(`${job}: ${(elapsedMs() / 1_000).toFixed(1)} s`)
      }
    waiting = jobs.map(({ job }) => job).filter((job) => !firstMs.has(job) && !onDemand.includes(job))
  } while (waiting.length > 0 && elapsedMs() < LIMIT_MS)

  if (waiting.length > 0) console.log(`without values: ${waiting.join(', ')}`)
  await sleep(Math.max(0, REST_MS - elapsedMs()))
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${system.child.pid}/status`, 'utf8'))?.[1]
  console.log(`resident after ${Math.round(elapsedMs() / 1_000)} s: ${Math.round(Number(rss) / 1_024)} MB`)
} finally {
  for (const cleanup of cleanups) await cleanup()
}
