import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import type { Plugin } from 'esbuild'
import { jobs } from '#functions/jobs/declared.ts'
import { type JobDeclaration, possibleUpstreams, resolveJob } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { upstreams } from '#shared/upstreams/index.ts'

/** Modules that the SDK imports by relative paths, which an alias cannot match, and what replaces them. */
const SDK_MODULES = [
  { filter: /\/Sha256Js$/, file: 'sdk-sha256.ts' },
  {
    filter:
      /\/(?:util-retry\/AdaptiveRetryStrategy|getInstanceMetadataRegion|service-customizations|emitWarningIfUnsupportedVersion)$/,
    file: 'sdk-relative-stubs.ts',
  },
]
const CLIENT_PACKAGE = /node_modules[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]package\.json$/
const CLIENT_SCHEMAS =
  /node_modules[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/
const PARTITIONS =
  /node_modules[\\/]@aws-sdk[\\/]core[\\/].*[\\/]util-endpoints[\\/]lib[\\/]aws[\\/]partitions\.js$/

/** A line of a client's schemas that makes the client throw a class of its own for one error of the service. */
const ERROR_CLASS = /^n0_registry\.registerError\(\w+\$, (\w+)\);$/gm

/**
 * The errors whose classes bundles keep: those that this project checks with `instanceof`, and the one that the SDK
 * retries because of a trait of its class. Any other is thrown as the client's base class, with its name, message and HTTP status, as the SDK
 * does with errors that it does not know; it classifies them for retries by name and status.
 */
const KEPT_ERROR_CLASSES = [
  'ConditionalCheckFailedException',
  'ExecutionAlreadyExists',
  'ReplicatedWriteConflictException',
]

const DECLARATION_CHECKS = /^\.\/(?:job|schedule|upstream)-checks\.ts$/
/** Declarations of jobs, and the settings that several of them share. */
const JOB_DECLARATION =
  /[\\/](?:functions[\\/]jobs[\\/][^\\/]+[\\/]job|shared[\\/](?:systems|upstreams)[\\/][^\\/]+[\\/]settings)\.ts$/

/** The text of a setting, a path or a parameter, which only the OpenAPI document and the reference pages need. */
const ABOUT_TEXT = /\babout:\s+(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"),?/g

/**
 * Replaces modules of the SDK, and the `package.json` of a client, which it imports for the version. Removes classes of
 * errors that no code checks with `instanceof`, lists of region names, the texts of declarations, which no function reads, and the checks of
 * declarations, which synthesis has run.
 */
export const bundleSizePlugin: Plugin = {
  name: 'bundle-size',
  setup(build) {
    const { absWorkingDir: root = '.' } = build.initialOptions
    for (const { filter, file } of SDK_MODULES)
      build.onResolve({ filter }, () => ({ path: resolve(root, 'infra/bundle', file) }))
    const stub = resolve(root, 'infra/bundle/declaration-stub.ts')
    build.onResolve({ filter: DECLARATION_CHECKS }, () => ({ path: stub }))
    build.onLoad({ filter: CLIENT_PACKAGE }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string }
      return { contents: JSON.stringify({ version }), loader: 'json' }
    })
    build.onLoad({ filter: CLIENT_SCHEMAS }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      const contents = source.replace(ERROR_CLASS, (line, name: string) =>
        KEPT_ERROR_CLASSES.includes(name) ? line : '',
      )
      return { contents, loader: 'js' }
    })
    build.onLoad({ filter: PARTITIONS }, async ({ path }) => {
      const { partitionsInfo } = (await import(path)) as { partitionsInfo: PartitionsInfo }
      // a region belongs to its partition by the pattern; the lists only add descriptions
      const partitions = partitionsInfo.partitions.map((partition) => ({ ...partition, regions: {} }))
      return {
        contents: `export const partitionsInfo = ${JSON.stringify({ ...partitionsInfo, partitions })}`,
        loader: 'js',
      }
    })
    build.onLoad({ filter: JOB_DECLARATION }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      return { contents: source.replace(ABOUT_TEXT, ''), loader: 'ts' }
    })
  },
}

/** The SDK's table of regions by partition, such as `aws` and `aws-cn`. */
interface PartitionsInfo {
  readonly partitions: readonly object[]
}

/** Modules that a job's bundle does without, because its declaration shows that they are never called. */
export interface OmittedModules {
  readonly secrets: boolean
  readonly taskSteps: boolean
  /** The arithmetic of cron expressions; a schedule of equal gaps does not use it. */
  readonly calendar: boolean
  /** The publication of items, or that of snapshots: a job stores one or the other. */
  readonly publication?: 'items' | 'snapshot'
  /** Names of the providers that a bundle has in place of all. */
  readonly onlyUpstreams?: readonly string[]
}

/** What the bundle of a function leaves out. Functions with the same answer are built by one call of esbuild. */
export function omittedModules(functionName: string): OmittedModules {
  const declaration = jobs.find(({ id }) => functionName === `job-${id}`)
  // the other functions import neither the secrets nor the steps; this variant is built anyway
  if (!declaration) return { secrets: true, taskSteps: false, calendar: false }
  const { run, schedule } = resolveJob(declaration, {})
  const clock = clockOf(schedule)
  return {
    secrets: !mayHaveSecret(declaration),
    taskSteps: run.mode === 'plain',
    calendar: clock === undefined || clock.grid !== undefined,
    publication: declaration.spec.stored === 'items' ? 'snapshot' : 'items',
    onlyUpstreams: possibleUpstreams(declaration.spec).toSorted(),
  }
}

function mayHaveSecret(declaration: JobDeclaration): boolean {
  const names = possibleUpstreams(declaration.spec)
  return upstreams.some(({ name, spec }) => names.includes(name) && spec.secret !== undefined)
}

export function omitPlugin({
  secrets,
  taskSteps,
  calendar,
  publication,
  onlyUpstreams,
}: OmittedModules): Plugin {
  return {
    name: 'omit',
    setup(build) {
      const { absWorkingDir: root = '.' } = build.initialOptions
      const stub = () => ({ path: resolve(root, 'infra/bundle/job-stubs.ts') })
      if (secrets) build.onResolve({ filter: /^#shared\/adapters\/ssm-secrets\.ts$/ }, stub)
      if (taskSteps) build.onResolve({ filter: /^#shared\/engine\/task\/steps\.ts$/ }, stub)
      if (calendar) build.onResolve({ filter: /^#shared\/declare\/occurrences\.ts$/ }, stub)
      if (publication)
        build.onResolve({ filter: PUBLICATION[publication] }, ({ importer }) =>
          ENGINE.test(importer) ? stub() : undefined,
        )
      if (onlyUpstreams)
        build.onLoad({ filter: UPSTREAM_REGISTRY }, async ({ path }) => ({
          contents: await registryOf(onlyUpstreams, path),
          loader: 'ts',
        }))
    },
  }
}

const ENGINE = /[\\/]shared[\\/]engine[\\/]/
const PUBLICATION = {
  items: /^\.(?:\.\/publish)?\/items\.ts$/,
  snapshot: /^\.(?:\.\/publish)?\/snapshot\.ts$/,
} as const

const UPSTREAM_REGISTRY = /[\\/]shared[\\/]upstreams[\\/]index\.ts$/

const UPSTREAMS_FOLDER = new URL('../../shared/upstreams/', import.meta.url)

/** The registry of providers with some of them: only the files that declare those are imported. */
async function registryOf(names: readonly string[], path: string): Promise<string> {
  const source = await readFile(path, 'utf8')
  const files = [...source.matchAll(/from '(\.\/[^']+)'/g)].map(([, file = '']) => file)
  const selected: { readonly file: string; readonly exported: string }[] = []
  for (const file of files) {
    const url = new URL(file, UPSTREAMS_FOLDER)
    const module = (await import(url.href)) as Readonly<Record<string, unknown>>
    for (const [exported, value] of Object.entries(module))
      if (names.includes((value as { name?: string }).name ?? '')) selected.push({ file, exported })
  }
  if (selected.length !== names.length) {
    const expected = names.join(', ')
    throw new TypeError(`expected ${path} to import ${expected}; got ${selected.length} of ${names.length}`)
  }
  const imports = selected.map(({ file, exported }) => `import { ${exported} } from '${file}'`)
  return `${imports.join('\n')}\nexport const upstreams = [${selected.map(({ exported }) => exported).join(', ')}]`
}

/**
 * Turns the modules that find views and submissions of jobs by their folder into static imports: a bundle has no folder
 * to search.
 */
export const registryPlugin: Plugin = {
  name: 'registry',
  setup(build) {
    const { absWorkingDir: root = '.' } = build.initialOptions
    for (const { module, file, member, table } of FOLDER_MODULES) {
      build.onLoad({ filter: module }, () => {
        const files = globSync(`functions/jobs/*/${file}`, { cwd: root })
        const ids = files.map((path) => basename(dirname(path))).sort()
        const imports = ids.map((id, index) => `import { ${member} as _${index} } from './${id}/${file}'`)
        const members = ids.map((id, index) => `${JSON.stringify(id)}: _${index}`)
        return {
          contents: `${imports.join('\n')}\nexport const ${table} = { ${members.join(', ')} }`,
          loader: 'ts',
        }
      })
    }
  },
}

const FOLDER_MODULES = [
  {
    module: /[\\/]functions[\\/]jobs[\\/]views\.ts$/,
    file: 'views.ts',
    member: 'views',
    table: 'viewsByJob',
  },
  {
    module: /[\\/]functions[\\/]jobs[\\/]operator-views\.ts$/,
    file: 'operator-views.ts',
    member: 'operatorViews',
    table: 'operatorViewsByJob',
  },
  {
    module: /[\\/]functions[\\/]jobs[\\/]submissions\.ts$/,
    file: 'submit.ts',
    member: 'submission',
    table: 'submissionsByJob',
  },
] as const
