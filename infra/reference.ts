import { mkdirSync, writeFileSync } from 'node:fs'
import { loadDeclarations, reportUserErrors } from '#infra/command/report-user-errors.ts'
import { resolveJob } from '#shared/declare/job.ts'
import metadata from '../package.json' with { type: 'json' }
import { cliPage } from './cli/page.ts'
import { freshetProgram } from './cli/program.ts'
import { clientFiles } from './docs/client/client-files.ts'
import { openApiDocument } from './docs/openapi/document.ts'
import { operatePage, settingsPage } from './docs/pages.ts'
import { simulatedProfile } from './local/simulated/profile.ts'
import { timetable } from './plan/timetable.ts'

/* Writes the pages of docs/ that are generated from the declarations, the OpenAPI document, and the types of its client. */

await reportUserErrors(async () => {
  const { jobs, upstreams } = await loadDeclarations()
  const profile = simulatedProfile(
    upstreams.map(({ name }) => name),
    {},
  )
  const document = await openApiDocument(jobs, metadata.version)
  const pages = {
    'settings.md': settingsPage({ jobs, upstreams }),
    'cli.md': cliPage(freshetProgram({})),
    'operate.md': operatePage(jobs.map((job) => resolveJob(job, {}))),
    'timetable.md': await timetable({ jobs, upstreams }, profile),
    'openapi.json': `${JSON.stringify(document, null, 2)}\n`,
  }
  for (const [name, page] of Object.entries(pages)) {
    writeFileSync(new URL(`../docs/${name}`, import.meta.url), page)
  }
  const client = new URL('../shared/client/generated/', import.meta.url)
  mkdirSync(client, { recursive: true })
  for (const [name, source] of Object.entries(await clientFiles(document))) {
    writeFileSync(new URL(name, client), source)
  }
})
