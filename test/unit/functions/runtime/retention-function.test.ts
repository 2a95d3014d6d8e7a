import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { refresh as globalMarketRefresh } from '#functions/jobs/global-market/refresh.ts'
import { job } from '#functions/jobs/retention/job.ts'
import { refresh } from '#functions/jobs/retention/refresh.ts'
import { jobFunction } from '#functions/runtime/job-function.ts'
import { retentionFunction } from '#functions/runtime/retention-function.ts'

beforeEach(() => {
  for (const variable of ['TABLE', 'BUS', 'STAGE', 'VERSION']) vi.stubEnv(`FRESHET_${variable}`, 'test')
  vi.stubEnv('AWS_REGION', 'eu-central-1')
})
afterEach(() => vi.unstubAllEnvs())

const DATASETS = JSON.stringify([{ job: 'prices', hasItems: true, history: { daily: 1_000 } }])

describe('the function of a job', () => {
  it('that retains history is made with the datasets of its environment', () => {
    vi.stubEnv('FRESHET_DATASETS', DATASETS)

    expect(retentionFunction(job, refresh)).toBeTypeOf('function')
  })

  it('that retains history is not made without datasets: it would delete nothing', () => {
    expect(() => retentionFunction(job, refresh)).toThrow(
      'expected the datasets in the environment variable FRESHET_DATASETS, got none',
    )
  })

  it('has the handler that its declaration needs', () => {
    vi.stubEnv('FRESHET_DATASETS', DATASETS)
    const message = (id: string) =>
      `expected the handler of ${id} to be a retentionFunction if it declares retains, and only then`

    expect(() => jobFunction(job, refresh)).toThrow(message('retention'))
    expect(() => retentionFunction(globalMarket, globalMarketRefresh)).toThrow(message('global-market'))
  })
})
