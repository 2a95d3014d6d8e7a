import { writeFileSync } from 'node:fs'
import { loadDeclarations, reportUserErrors } from '#infra/command/report-user-errors.ts'
import { resolveJob } from '#shared/declare/job.ts'
import metadata from '../package.json' with { type: 'json' }
import { cliPage } from './cli/page.ts'
import { freshetProgram } from './cli/program.ts'
import { openApiDocument } from './docs/openapi/document.ts'
import { operatePage, settingsPage } from './docs/pages.ts'
import { simulatedProfile } from './local/simulated/profile.ts'
import { timetable } from './plan/timetable.ts'

/* Writes the pages of docs/ that are generated from the declarations, and the OpenAPI document. */

await reportUserErrors(async () => {
  const { jobs, upstreams } = await loadDeclarations()
  const profile = simulatedProfile(
    upstreams.map(({ name }) => name),
    {},
  )
  const pages = {
    'settings.md': settingsPage({ jobs, upstreams }),
    'cli.md': cliPage(freshetProgram({})),
    'operate.md': operatePage(jobs.map((job) => resolveJob(job, {}))),
    'timetable.md': await timetable({ jobs, upstreams }, profile),
    'openapi.json': `${JSON.stringify(await openApiDocument(jobs, metadata.version), null, 2)}\n`,
  }
  for (const [name, page] of Object.entries(pages)) {
    writeFileSync(new URL(`../docs/${name}`, import.meta.url), page)
  }
})
