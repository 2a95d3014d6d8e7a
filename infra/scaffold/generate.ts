import { UsageError } from '#infra/command/report-user-errors.ts'
import { refusedName } from '#infra/lint/words.ts'
import type { Job, JobDeclaration } from '#shared/declare/job.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { checkPath } from '#shared/declare/route.ts'
import type { Declarations } from '#shared/declare/system.ts'
import { resolveUpstream, type UpstreamDeclaration } from '#shared/declare/upstream.ts'
import { routeTable } from '#shared/http/routes.ts'
import { newBaseUrl } from './address.ts'
import type { Dataset, NewDatasetOptions } from './dataset.ts'
import { datasetFiles, type GeneratedFile } from './files.ts'
import { formatted } from './format.ts'
import { expectLegalName } from './names.ts'
import { newDataset } from './new-dataset.ts'
import type { Sample } from './sample/read-sample.ts'
import { expectAbsent } from './write.ts'

/** A new dataset, and its files as they are to be written. */
export interface Generated {
  readonly dataset: Dataset
  readonly files: readonly GeneratedFile[]
}

/** The project that gets the dataset. */
export interface Project extends Declarations {
  /** Absolute path. */
  readonly root: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * Makes the files of a new dataset from a sample. Nothing is written.
 *
 * @throws {UsageError} for a name or a path that is taken or not legal, a provider that is neither declared nor has a host, a
 *   file that exists, and a sample that cannot be read
 */
export async function generate(
  options: NewDatasetOptions,
  sample: Sample,
  project: Project,
): Promise<Generated> {
  expectFreeNames(options, project)
  const declared = project.upstreams.find(({ name }) => name === options.upstream)
  const provider = declared
    ? { isNew: false, baseUrl: declaredBaseUrl(declared, options) }
    : { isNew: true, baseUrl: newBaseUrl(options.upstream, options.host, sample.url) }
  if (declared) expectAccepted(declared, sample, project.now)
  const dataset = newDataset(options, sample, provider, { now: project.now, nameFault })
  if (dataset.key) expectFreePath(options.path, `${options.path}/${dataset.key.served}`, project.jobs)
  const files = await datasetFiles(dataset, project.root)
  await expectAbsent(files, project.root)
  return { dataset, files: await formatted(files, project.root) }
}

function nameFault(name: string): string | undefined {
  const instead = refusedName(name)
  return instead === undefined ? undefined : `the linter refuses the name; write ${instead}`
}

function expectFreeNames({ job, path, upstream }: NewDatasetOptions, { jobs }: Project): void {
  expectLegalName('<job>', job, refusedName, 3)
  expectLegalName('--upstream', upstream, refusedName, 2)
  if (jobs.some(({ id }) => id === job))
    throw new UsageError(`<job>: expected the name of no other job, got ${job}`)
  if (path.includes('{')) throw new UsageError(`--path: expected a path without parameters, got ${path}`)
  expectLegalPath(path)
  expectFreePath(path, path, jobs)
}

/** @param served - a path that the dataset serves: that of the option, or one below it */
function expectFreePath(path: string, served: string, jobs: readonly JobDeclaration[]): void {
  const owner = ownerOf(served, jobs)
  if (owner === undefined) return
  const below = served === path ? 'which' : `and ${served}`
  throw new UsageError(
    `--path: expected a path that is not served yet, got ${path}, ${below} is that of ${owner}`,
  )
}

function expectLegalPath(path: string): void {
  try {
    checkPath('--path', { path, about: path, access: 'public' })
  } catch (error) {
    throw new UsageError(`--path: expected a path such as /v1/prices, got ${JSON.stringify(path)}`, {
      cause: error,
    })
  }
}

/** The job that serves a path. */
function ownerOf(path: string, jobs: readonly JobDeclaration[]): string | undefined {
  const resolved: readonly Job[] = jobs.map((declaration) => resolveJob(declaration, {}))
  const row = routeTable(resolved).find(
    (each) => each.methods.includes('GET') && patternOf(each.path).test(path),
  )
  if (!row) return undefined
  return 'job' in row && typeof row.job === 'string' ? `the job ${row.job}` : 'operations'
}

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(/[.]/g, '\\.').replaceAll(/\{[a-z_]+\}/g, '[^/]+')}$`)
}

/** @throws {UsageError} for an answer that the provider's own classification does not accept */
function expectAccepted(declared: UpstreamDeclaration, { text }: Sample, now: number): void {
  const { name, maxBytes, classify } = resolveUpstream(declared, {})
  const bytes = Buffer.byteLength(text)
  if (bytes > maxBytes)
    throw new UsageError(`--from: expected at most ${maxBytes} bytes, the maxBytes of ${name}, got ${bytes}`)
  const classified = classify({ status: 200, headers: {}, body: text }, now)
  if (classified.kind === 'failed')
    throw new UsageError(
      `--from: expected an answer that shared/upstreams/ accepts as one of ${name}, got: ${classified.error.message}`,
    )
}

function declaredBaseUrl(declared: UpstreamDeclaration, { host }: Pick<NewDatasetOptions, 'host'>): string {
  const { name, baseUrls } = resolveUpstream(declared, {})
  if (host !== undefined)
    throw new UsageError(`--host: expected none for ${name}, which is declared, got ${host}`)
  const [first] = baseUrls
  if (!first) throw new UsageError(`--upstream: expected a provider with a base URL, got ${name} without`)
  return first.href
}
