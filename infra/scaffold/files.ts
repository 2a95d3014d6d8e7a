import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Dataset } from './dataset.ts'
import { camelCase } from './names.ts'
import { REGISTRIES, withJob, withStandIn, withUpstream } from './registries.ts'
import { HANDLER_FILE, jobFile } from './templates/job.ts'
import { providerFile } from './templates/provider.ts'
import { refreshFile } from './templates/refresh.ts'
import { schemaFile } from './templates/schema.ts'
import { sampleFile, standInFile } from './templates/stand-in.ts'
import { testFile } from './templates/test-file.ts'
import { viewsFile } from './templates/views.ts'

/** One file to write: a new one, or a registry that gets a line more. */
export interface GeneratedFile {
  /** Below the root of the project. */
  readonly path: string
  readonly text: string
  readonly isNew: boolean
}

/** All files of a dataset, and the registries with their new lines. Not formatted. */
export async function datasetFiles(dataset: Dataset, root: string): Promise<readonly GeneratedFile[]> {
  const { id, key, upstream } = dataset
  const folder = `functions/jobs/${id}`
  const samples = 'infra/local/simulated/samples'
  const created = {
    [`${folder}/job.ts`]: jobFile(dataset),
    [`${folder}/refresh.ts`]: refreshFile(dataset),
    [`${folder}/schema.ts`]: schemaFile(dataset),
    [`${folder}/handler.ts`]: HANDLER_FILE,
    ...(key && { [`${folder}/views.ts`]: viewsFile(key) }),
    ...(upstream.isNew && { [`shared/upstreams/${upstream.name}.ts`]: providerFile(dataset) }),
    [`${samples}/${id}.ts`]: standInFile(dataset),
    [`${samples}/${id}.json`]: sampleFile(dataset),
    [`test/unit/functions/jobs/${id}/refresh.test.ts`]: testFile(dataset),
  }
  const name = camelCase(id)
  const changes: Readonly<Record<string, (text: string) => string>> = {
    [REGISTRIES.jobs]: (text) => withJob(text, id, name),
    ...(upstream.isNew && {
      [REGISTRIES.upstreams]: (text: string) => withUpstream(text, upstream.name, camelCase(upstream.name)),
    }),
    [REGISTRIES.standIns]: (text) => withStandIn(text, upstream.name, id, `${name}Sample`),
  }
  const changed = Object.entries(changes).map(async ([path, change]) => ({
    path,
    text: change(await readFile(join(root, path), 'utf8')),
    isNew: false,
  }))
  return [
    ...Object.entries(created).map(([path, text]) => ({ path, text, isNew: true })),
    ...(await Promise.all(changed)),
  ]
}

/** The comments that begin with `Confirm:`: what the author has to confirm, with file and line. */
export function confirmations(files: readonly GeneratedFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(COMMENT)].map(({ index, 1: about = '' }) => {
      const line = text.slice(0, index).split('\n').length
      return `${path}:${line}  ${about.replaceAll(/\s*\n\s*\*\s*/g, ' ').trim()}`
    }),
  )
}

/** To the end of the line, or of the block. */
const COMMENT = /Confirm: ([\s\S]*?)(?: \*\/|\n(?! \* \S)|$)/g
