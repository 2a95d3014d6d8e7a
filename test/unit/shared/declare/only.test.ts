import { expect, test } from 'vitest'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { job as hama } from '#functions/jobs/hama/job.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { withOnly } from '#shared/declare/only.ts'
import { NO_STATE } from '#shared/read/health.ts'
import { publicExplanation } from '#shared/read/overview/public-explanation.ts'

const jobs = [resolveJob(globalMarket, {}), resolveJob(hama, {})]
const NOW = Date.parse('2026-11-29T10:00:00Z')

test('without --only, no job is switched off by it', () => {
  expect(withOnly(jobs, undefined)).toBe(jobs)
})

test('with --only, every other job is off, by that option, and no run of it is announced', () => {
  const [other, selected] = withOnly(jobs, ['hama'])

  expect(selected).toBe(jobs[1])
  expect(other?.off).toBe('--only selects other jobs: hama')
  if (!other) throw new Error('expected global-market, got no job')
  const { cause, next } = publicExplanation(other, jobs, new Map([['global-market', NO_STATE]]), NOW)
  expect(cause).toEqual({ code: 'off', text: 'The job is off, by its settings (--only)' })
  expect(next).toEqual({ code: 'none', text: 'No run starts while the job is off' })
})
