import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { jobs } from '#functions/declared-jobs.ts'
import { operatePage } from '#infra/pages/operate-page.ts'
import { settingsPage } from '#infra/pages/settings-page.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { upstreams } from '#shared/upstreams/index.ts'

const page = (name: string) => readFileSync(join(resolve(import.meta.dirname, '../../docs'), name), 'utf8')
const CURRENT = 'npm run reference writes it anew'

test.each([
  ['settings.md', () => settingsPage({ jobs, upstreams })],
  ['operate.md', () => operatePage(jobs.map((job) => resolveJob(job, {})))],
])('the generated page %s is current', (name, generated) => {
  expect(page(name), CURRENT).toBe(generated())
})
