import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { jobs } from '#functions/jobs/declared.ts'
import { cliPage } from '#infra/cli/page.ts'
import { freshetProgram } from '#infra/cli/program.ts'
import { openApiDocument } from '#infra/docs/openapi/document.ts'
import { operatePage, settingsPage } from '#infra/docs/pages.ts'
import { simulatedProfile } from '#infra/local/simulated/profile.ts'
import { timetable } from '#infra/plan/timetable.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import metadata from '../../../../package.json' with { type: 'json' }

const page = (name: string) => readFileSync(join(resolve('docs'), name), 'utf8')
const CURRENT = 'npm run reference writes it again'

test.each([
  ['cli.md', () => cliPage(freshetProgram({}))],
  ['settings.md', () => settingsPage({ jobs, upstreams })],
  ['operate.md', () => operatePage(jobs.map((job) => resolveJob(job, {})))],
  [
    'timetable.md',
    () =>
      timetable(
        { jobs, upstreams },
        simulatedProfile(
          upstreams.map(({ name }) => name),
          {},
        ),
      ),
  ],
  ['openapi.json', async () => `${JSON.stringify(await openApiDocument(jobs, metadata.version), null, 2)}\n`],
])('the generated page %s is current', async (name, generated) => {
  expect(page(name), CURRENT).toBe(await generated())
})
