import { randomUUID } from 'node:crypto'
import { glob, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import { type BuildOptions, build, type Metafile } from 'esbuild'
import { jobs } from '#functions/jobs/declared.ts'
import { openApiDocument } from '#infra/docs/openapi/document.ts'
import metadata from '../../package.json' with { type: 'json' }
import { buildPage, type PageFile } from './page.ts'
import {
  bundleSizePlugin,
  type OmittedModules,
  omitPlugin,
  omittedModules,
  registryPlugin,
} from './plugins.ts'

/**
 * How every function is bundled.
 *
 * CommonJS without dynamic import keeps undici out of the cold path; the main fields choose the SDK's smaller builds;
 * nothing is external, so that what was tested is what runs. No `keepNames`: error classes set their names themselves.
 */
const esbuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  supported: { 'dynamic-import': false },
  outExtension: { '.js': '.cjs' },
  mainFields: ['module', 'main'],
  conditions: ['module', 'import'],
  minify: true,
  alias: {
    '@aws-sdk/credential-provider-node': './infra/bundle/sdk-credentials.ts',
    '@aws-sdk/endpoint-cache': './infra/bundle/sdk-stubs.ts',
    '@aws-sdk/signature-v4-multi-region': './infra/bundle/sdk-signing.ts',
    '@smithy/core/event-streams': './infra/bundle/sdk-stubs.ts',
  },
  legalComments: 'none',
  sourcemap: 'linked',
  sourcesContent: false,
  metafile: true,
  logLevel: 'silent',
} as const satisfies BuildOptions

/** One bundled function. */
export interface Bundle {
  /** Absolute; contains the bundle and its map, and for `reads` the OpenAPI document. */
  readonly directory: string
  /** Absolute: `<directory>/index.cjs`. */
  readonly file: string
  readonly bytes: number
  readonly gzipBytes: number
  /** Every module inside, relative to the root. */
  readonly inputs: readonly string[]
}

/** All bundled functions, by name. */
export interface Bundles {
  readonly functions: Readonly<Record<string, Bundle>>
}

interface BundleOptions {
  /** The project, with `functions/` and `node_modules/`; this one by default. */
  readonly root?: string
  /** Output folder, relative to the root, with a folder per function: `dist/functions`. Its sibling `meta` gets the metafile. */
  readonly outDir?: string
  /** Name to source file, relative to the root; every handler under `functions/` by default. */
  readonly entries?: Readonly<Record<string, string>>
}

/** What reads load on the first request for the overview. */
const OVERVIEW = 'functions/reads/overview.ts'

const PROJECT_ROOT = resolve(import.meta.dirname, '../..')

/**
 * Bundles all functions: `job-<id>` for each job, and `reads`, `submit`, `operations` and `watchdog`. Beside the bundle of
 * reads it writes that of the overview, and compressed the OpenAPI document and the files of the page.
 *
 * The same sources give the same bytes in whatever directory they are: no path of this machine gets into a bundle or
 * its map. Each file is replaced as a whole: other processes may be loading what lies there.
 *
 * @throws when a source cannot be resolved or parsed, with esbuild's messages; when two handlers want one name
 */
export async function bundleFunctions(choices: BundleOptions = {}): Promise<Bundles> {
  const root = resolve(choices.root ?? PROJECT_ROOT)
  const outDir = resolve(root, choices.outDir ?? 'dist/functions')
  const entries = choices.entries ?? (await findHandlers(root))
  const groups = Map.groupBy(Object.entries(entries), ([name]) => JSON.stringify(omittedModules(name)))
  // the document is made while esbuild works in its own process
  const hasReads = entries['reads'] !== undefined
  const [openApi, page, ...builds] = await Promise.all([
    hasReads ? compressedOpenApi() : undefined,
    hasReads ? buildPage(root) : [],
    ...[...groups].map(([omitted, group]) =>
      build({
        ...esbuildOptions,
        plugins: [bundleSizePlugin, omitPlugin(JSON.parse(omitted) as OmittedModules), registryPlugin],
        write: false,
        absWorkingDir: root,
        outdir: outDir,
        entryPoints: group.flatMap(([name, file]) => [
          { in: resolve(root, file), out: `${name}/index` },
          ...(name === 'reads' ? [{ in: resolve(root, OVERVIEW), out: 'reads/overview' }] : []),
        ]),
      }),
    ),
  ])
  const metafile = {
    inputs: Object.assign({}, ...builds.map((one) => one.metafile.inputs)) as Metafile['inputs'],
    outputs: Object.assign({}, ...builds.map((one) => one.metafile.outputs)) as Metafile['outputs'],
  }
  const outputFiles = builds.flatMap((one) => one.outputFiles)
  const meta = join(dirname(outDir), 'meta')
  await mkdir(meta, { recursive: true })
  await replaceFile(join(meta, 'metafile.json'), JSON.stringify(metafile), meta)
  await Promise.all(outputFiles.map(({ path, contents }) => replaceFile(path, contents, meta)))
  if (openApi) await replaceFile(join(outDir, 'reads', 'openapi.json.br'), openApi, meta)
  if (page.length > 0) await writePage(page, join(outDir, 'reads/ui'), meta)
  const functions = await Promise.all(
    Object.keys(entries).map(
      async (name) => [name, await measure(join(outDir, name), root, metafile)] as const,
    ),
  )
  return { functions: Object.fromEntries(functions) }
}

/** Writes the files of the page and removes those of earlier builds. */
async function writePage(files: readonly PageFile[], folder: string, meta: string): Promise<void> {
  await Promise.all(
    files.map(({ name, compressed }) => replaceFile(join(folder, `${name}.br`), compressed, meta)),
  )
  const current = new Set(files.map(({ name }) => `${name}.br`))
  const old = (await readdir(folder)).filter((name) => !current.has(name))
  await Promise.all(old.map((name) => rm(join(folder, name), { force: true })))
}

async function compressedOpenApi(): Promise<Uint8Array> {
  return promisify(brotliCompress)(JSON.stringify(await openApiDocument(jobs, metadata.version)))
}

/** Writes a temporary file and renames it, so that no process reads a part of it. */
export async function replaceFile(
  path: string,
  contents: Uint8Array | string,
  beside: string,
): Promise<void> {
  const whole = join(beside, `${randomUUID()}.new`)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(whole, contents)
  await rename(whole, path)
}

/** Handlers by the name of their function: a folder of `functions/` is one, and so is each of `functions/jobs/`. */
async function findHandlers(root: string): Promise<Record<string, string>> {
  const handlers: Record<string, string> = {}
  for await (const match of glob('functions/**/handler.ts', { cwd: root })) {
    const file = match.replaceAll('\\', '/')
    const parts = file.split('/').slice(1, -1)
    const name = parts[0] === 'jobs' ? ['job', ...parts.slice(1)].join('-') : parts.join('-')
    const other = handlers[name]
    if (other !== undefined) throw new Error(`expected one handler for ${name}, got ${other} and ${file}`)
    handlers[name] = file
  }
  return Object.fromEntries(Object.entries(handlers).sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function measure(directory: string, root: string, metafile: Metafile): Promise<Bundle> {
  const file = join(directory, 'index.cjs')
  const output = Object.entries(metafile.outputs).find(([path]) => resolve(root, path) === file)?.[1]
  if (!output)
    throw new Error(`expected esbuild to write ${file}, got ${Object.keys(metafile.outputs).join(', ')}`)
  const content = await readFile(file)
  const zipped = await promisify(gzip)(content)
  return {
    directory,
    file,
    bytes: content.length,
    gzipBytes: zipped.length,
    inputs: Object.keys(output.inputs),
  }
}
