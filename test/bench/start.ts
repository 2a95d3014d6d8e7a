import { readFile } from 'node:fs/promises'
import { loadDeclarations } from '#infra/command/report-user-errors.ts'
import { activeJobs } from '#infra/definitions/cadence.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { resolveSystem } from '#shared/declare/system.ts'
import { STATS_PATH, start, waitForOrigin } from '#test/support/process/local-process.ts'
import { type OnCleanup, temporaryDirectory } from '#test/support/temporary/cleanup.ts'
import { gate, median } from './measure.ts'

/*
 * Goal P14, with simulated providers: `npm start` on an empty data directory until the first 200 and until each scheduled
 * job has succeeded, as medians; then the resident memory once the workers of the jobs have ended. Bundles are those of the
 * start before. Providers whose limits space single calls set their own pace, so their jobs are not waited for.
 */

const STARTS = 5
const REST_MS = 170_000
/** Calls per minute below which a job of several calls needs seconds whatever the machine does. */
const SPACED_BELOW = 120

const firstMs: number[] = []
const allMs: number[] = []
const jobs = await awaitedJobs()
for (let count = 0; count <= STARTS; count += 1) await measureStart(count)
gate('seconds to the first 200 (P14)', median(firstMs) / 1_000, 3)
gate(`seconds to the data of ${jobs.join(', ')} (P14)`, median(allMs) / 1_000, 6)

async function awaitedJobs(): Promise<string[]> {
  const system = resolveSystem(await loadDeclarations(), {})
  return activeJobs(system.jobs)
    .filter(({ schedule, upstreams }) => {
      const isSpaced = upstreams.some((name) => {
        const limits = system.upstreams.get(name)?.limits
        return limits && limits.perMinute < SPACED_BELOW && limits.burst === 1
      })
      return clockOf(schedule) !== undefined && !isSpaced
    })
    .map(({ id }) => id)
}

async function measureStart(count: number): Promise<void> {
  const cleanups: (() => Promise<void>)[] = []
  const atEnd: OnCleanup = (cleanup) => cleanups.unshift(cleanup)
  try {
    const data = await temporaryDirectory(atEnd)
    const startedAt = performance.now()
    const system = start({ FRESHET_DATA: data }, { atEnd, only: 'all' })
    const origin = await waitForOrigin(system)
    const response = await fetch(`${origin}${STATS_PATH}`)
    if (response.status !== 200) throw new Error(`expected 200, got ${response.status}`)
    const first = performance.now() - startedAt
    await Promise.all(jobs.map((job) => system.waitForLine(new RegExp(`  ${job}  succeeded`))))
    // the first start may build the bundles
    if (count === 0) return
    firstMs.push(first)
    allMs.push(performance.now() - startedAt)
    if (count < STARTS) return
    await new Promise((resolve) => setTimeout(resolve, REST_MS))
    gate('resident megabytes at rest (P14)', await residentMegabytes(system.child.pid), 350)
  } finally {
    for (const cleanup of cleanups) await cleanup()
  }
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
async function residentMegabytes(pid: number | undefined): Promise<number> {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1_024
}
