import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { loadDeclarations } from '#infra/command/report-user-errors.ts'
import { simulatedProfile } from '#infra/local/simulated/profile.ts'
import { resolveSystem } from '#shared/declare/system.ts'
import { startAndWait } from '#test/support/process/local-process.ts'
import { type OnCleanup, temporaryDirectory } from '#test/support/temporary/cleanup.ts'
import { median, note } from './measure.ts'

/*
 * How long a complete run of each job takes in `npm start`: the median of several starts, each with an empty data directory.
 * `--write` stores the figures for docs/timetable.md.
 */

const STARTS = 3
const COMPLETE = ['succeeded', 'partial']
const POLL_MS = 500
const FILE = new URL('../../infra/plan/measured-durations.json', import.meta.url)

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } })
const declarations = await loadDeclarations()
const names = declarations.upstreams.map(({ name }) => name)
const system = resolveSystem(declarations, simulatedProfile(names, {}))
const jobs = system.jobs.filter(({ off }) => off === undefined).map(({ id }) => id)

const measured = new Map<string, number[]>(jobs.map((id) => [id, []]))
for (let count = 0; count < STARTS; count += 1) await measureStart()
const durations = Object.fromEntries(jobs.map((id) => [id, median(measured.get(id) ?? [])]))
for (const [id, ms] of Object.entries(durations)) note(`seconds of a complete run of ${id}`, ms / 1_000)
if (values.write) await writeFile(FILE, `${JSON.stringify({ instances: STARTS, durations }, null, 2)}\n`)

async function measureStart(): Promise<void> {
  const cleanups: (() => Promise<void>)[] = []
  const atEnd: OnCleanup = (cleanup) => cleanups.unshift(cleanup)
  try {
    const local = await startAndWait({ FRESHET_DATA: await temporaryDirectory(atEnd) }, atEnd, {
      only: 'all',
    })
    const token = (await local.waitForLine(/^Operator token: /)).replace('Operator token: ', '')
    const send = async (method: string, path: string) => {
      const { body } = await local.request(path, { method, headers: { authorization: `Bearer ${token}` } })
      return JSON.parse(body.toString())
    }
    for (const id of jobs) measured.get(id)?.push(await completeRunMs(id, send))
  } finally {
    for (const cleanup of cleanups) await cleanup()
  }
}

interface RunView {
  readonly outcome: string
  readonly key: string | null
  readonly duration_seconds: number
}

/** The duration of the first run that fetched, of the schedule or triggered here. */
async function completeRunMs(id: string, send: (method: string, path: string) => Promise<unknown>) {
  const find = async () => {
    const { runs } = (await send('GET', `/v1/jobs/${id}/runs`)) as { readonly runs: readonly RunView[] }
    return runs.findLast(({ outcome, key }) => COMPLETE.includes(outcome) && key === null)
  }
  if (system.jobs.some((job) => job.id === id && 'on' in job.schedule))
    await send('POST', `/v1/jobs/${id}/runs`)
  for (;;) {
    const run = await find()
    if (run) return run.duration_seconds * 1_000
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
