import { resolve } from 'node:path'
import { loadDeclarations } from '#infra/command/report-user-errors.ts'
import { confirmations } from '#infra/scaffold/files.ts'
import { type Generated, generate } from '#infra/scaffold/generate.ts'
import { placeText } from '#infra/scaffold/sample/names.ts'
import { readSample } from '#infra/scaffold/sample/read-sample.ts'
import { writeFiles } from '#infra/scaffold/write.ts'
import { type Ask, completeOptions, type NewOptions } from './ask-options.ts'
import { CliError, EXIT } from './cli-error.ts'

/** The project that this command line belongs to. */
const ROOT = resolve(import.meta.dirname, '../..')

/**
 * Writes a new dataset, or with `--dry-run` only shows it.
 *
 * @returns what was written, what to confirm, and what to run
 * @throws {UsageError} for a wrong option or sample: no file is written then
 * @throws {CliError} if the user cancels
 */
export async function createDataset(job: string | undefined, options: NewOptions): Promise<string> {
  const declarations = await loadDeclarations()
  const declared = declarations.upstreams.map(({ name }) => name)
  const complete = await completeOptions(job, options, declared, terminal())
  const sample = await readSample(complete.from)
  const generated = await generate(complete, sample, { ...declarations, root: ROOT, now: Date.now() })
  if (options.dryRun) return dryRunText(generated)
  await writeFiles(generated.files, ROOT)
  return reportText(generated)
}

/** Questions of a terminal; `undefined` where none is. */
function terminal(): Ask {
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) return undefined
  return async (question) => {
    const { isCancel, text } = await import('@clack/prompts')
    const validate = (value: string | undefined) => (value ? undefined : 'expected a value, got nothing')
    const value = await text({ ...question, validate })
    if (isCancel(value)) throw new CliError('cancelled; no file was written', { exitCode: EXIT.failed })
    return value
  }
}

function dryRunText({ files }: Generated): string {
  return files.map(({ path, text }) => `--- ${path}\n${text}`).join('\n')
}

function reportText({ dataset, files }: Generated): string {
  const { id, readPath, leftOut, layout, key } = dataset
  const place = layout.place.length === 0 ? 'the top of the sample' : placeText(layout.place)
  const kind = key
    ? `${layout.records.length} rows of a ${layout.kind} at ${place}, by ${key.name}`
    : `one record at ${place}`
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
  return [
    `Read ${kind}.`,
    ...section(
      'Files:',
      files.map(({ path, isNew }) => (isNew ? path : `${path} (one line more)`)),
    ),
    ...section(
      'Left out of the sample:',
      leftOut.map(({ place: at, reason }) => `${at}: ${reason}`),
    ),
    ...section('Confirm, then delete the comment:', confirmations(files)),
    ...section('Next:', [
      `npm run plan`,
      `npx vitest run test/unit/functions/jobs/${id}`,
      `npm start -- --only=${id}, then GET ${readPath}`,
      'npm run reference, and the units of new names in test/hostile/units/',
    ]),
  ].join('\n')
}
