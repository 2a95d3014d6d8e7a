import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import type { Plugin } from 'esbuild'
import { jobs } from '#functions/jobs/declared.ts'
import { type JobDeclaration, resolveJob } from '#shared/declare/job.ts'
import { upstreams } from '#shared/upstreams/index.ts'

const SDK_SHA256 = /\/Sha256Js$/
const CLIENT_PACKAGE = /node_modules[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]package\.json$/

const JOB_SPEC = /^\.\/job-spec\.ts$/
const JOB_DECLARATION = /[\\/]functions[\\/]jobs[\\/][^\\/]+[\\/]job\.ts$/

/** The text of a setting, a path or a parameter, which only the OpenAPI document and the reference pages need. */
const ABOUT_TEXT = /\babout:\s+(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"),?/g

/**
 * Replaces modules that the SDK imports by relative paths, which an alias cannot match: its own SHA-256, and the
 * `package.json` of a client, which it imports for the version. Removes the texts of declarations, which no function
 * reads, and the check of declarations, which synthesis has run.
 */
export const bundleSizePlugin: Plugin = {
  name: 'bundle-size',
  setup(build) {
    const { absWorkingDir: root = '.' } = build.initialOptions
    build.onResolve({ filter: SDK_SHA256 }, () => ({ path: resolve(root, 'infra/bundle/sdk-sha256.ts') }))
    build.onResolve({ filter: JOB_SPEC }, () => ({ path: resolve(root, 'infra/bundle/declaration-stub.ts') }))
    build.onLoad({ filter: CLIENT_PACKAGE }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string }
      return { contents: JSON.stringify({ version }), loader: 'json' }
    })
    build.onLoad({ filter: JOB_DECLARATION }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      return { contents: source.replace(ABOUT_TEXT, ''), loader: 'ts' }
    })
  },
}

/** Modules that a job's bundle does without, because its declaration shows that they are never called. */
export interface OmittedModules {
  readonly secrets: boolean
  readonly taskSteps: boolean
}

/** What the bundle of a function leaves out. Functions with the same answer are built by one call of esbuild. */
export function omittedModules(functionName: string): OmittedModules {
  const declaration = jobs.find(({ id }) => functionName === `job-${id}`)
  // the other functions import neither module; this variant is built anyway
  if (!declaration) return { secrets: true, taskSteps: false }
  return { secrets: !mayHaveSecret(declaration), taskSteps: resolveJob(declaration, {}).run.mode === 'plain' }
}

function mayHaveSecret(declaration: JobDeclaration): boolean {
  const names = resolveJob(declaration, {}).upstreams
  return upstreams.some(({ name, spec }) => names.includes(name) && spec.secret !== undefined)
}

export function omitPlugin({ secrets, taskSteps }: OmittedModules): Plugin {
  return {
    name: 'omit',
    setup(build) {
      const { absWorkingDir: root = '.' } = build.initialOptions
      const stub = () => ({ path: resolve(root, 'infra/bundle/job-stubs.ts') })
      if (secrets) build.onResolve({ filter: /^#shared\/adapters\/ssm-secrets\.ts$/ }, stub)
      if (taskSteps) build.onResolve({ filter: /^#shared\/engine\/task\/steps\.ts$/ }, stub)
    },
  }
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
    module: /[\\/]functions[\\/]jobs[\\/]submissions\.ts$/,
    file: 'submit.ts',
    member: 'submission',
    table: 'submissionsByJob',
  },
] as const
