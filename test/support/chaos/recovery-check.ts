import { setTimeout as sleep } from 'node:timers/promises'
import { failedFindings } from '#test/support/expectations/findings.ts'
import type { ReadSpec } from '#test/support/expectations/read-spec.ts'
import { type Instance, JOBS, requestInTime } from './instances.ts'

interface JobHealth {
  readonly job: string
  readonly last_success_at: string | null
  readonly consecutive_failures: number
  readonly status: string
}

const POLL_MS = 500

/** Jobs that readers or their schedule start while all is well; the ticks of the others are at other times of the day. */
const RENEWED_JOBS: ReadonlySet<string> = new Set([...JOBS, 'funding-contracts'])

/**
 * Waits until nothing is {@link notRecovered}: on a busy machine the last runs take longer than the last instance.
 *
 * @param deadline - by the process's clock, in milliseconds since the epoch
 * @returns what has still not recovered at the deadline
 */
export async function faultsAfterRecovery(
  life: Instance,
  reads: readonly ReadSpec[],
  wellSince: number,
  deadline: number,
): Promise<readonly string[]> {
  let faults = await notRecovered(life, reads, wellSince)
  while (faults.length > 0 && life.now() < deadline) {
    await sleep(POLL_MS)
    faults = await notRecovered(life, reads, wellSince)
  }
  return faults
}

/**
 * What is not as fresh as it has to be without a human, once the providers have been well for one interval (I12): data
 * that were confirmed before they were, and jobs whose last run failed.
 *
 * @param wellSince - by the process's clock, in milliseconds since the epoch
 */
async function notRecovered(
  life: Instance,
  reads: readonly ReadSpec[],
  wellSince: number,
): Promise<string[]> {
  const { body } = await requestInTime(life, '/health')
  const { jobs } = JSON.parse(body.toString()) as { readonly jobs: readonly JobHealth[] }
  const running = jobs.filter(({ status }) => status !== 'off')
  const ofJobs = running.flatMap(({ job, last_success_at, consecutive_failures }) =>
    failedFindings([
      [
        !RENEWED_JOBS.has(job) || Date.parse(last_success_at ?? '') >= wellSince - 1_000,
        `I12 expected ${job} to have succeeded since ${new Date(wellSince).toISOString()}, got ${last_success_at}`,
      ],
      [
        consecutive_failures === 0,
        `I12 expected ${job} not to fail any more, got ${consecutive_failures} failures`,
      ],
    ]),
  )
  const labelled = reads.filter(({ freshness }) => freshness)
  const ofReads = labelled.map(async ({ name, target, request }) => {
    const { status, headers } = await requestInTime(life, target, request)
    const checkedAt = life.now() - Number(headers.age) * 1_000
    return status === 200 && checkedAt >= wellSince
      ? []
      : [
          `I12 expected ${name} of after ${new Date(wellSince).toISOString()}, got ${status} and an age of ${headers.age}`,
        ]
  })
  return [...ofJobs, ...(await Promise.all(ofReads)).flat()]
}
