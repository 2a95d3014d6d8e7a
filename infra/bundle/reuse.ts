import { createHash } from 'node:crypto'
import { glob, readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { stop } from 'esbuild'
import { type Bundle, type Bundles, bundleFunctions, replaceFile } from './bundle.ts'

/** What the bundles are made from: the sources, the bundler's own settings, and the versions of packages. */
const SOURCES = ['functions/**/*', 'infra/**/*', 'shared/**/*']
const PACKAGES = ['package.json', 'package-lock.json', 'tsconfig.json', 'node_modules/.package-lock.json']

/** The bundles of an earlier build, with digests of what they were made from and of what was written. */
interface StoredBuild {
  readonly sources: string
  readonly files: string
  readonly functions: Readonly<Record<string, Omit<Bundle, 'directory' | 'file'>>>
}

/** Beside the metafile. */
const STORED_BUILD = 'build.json'

const PROJECT_ROOT = resolve(import.meta.dirname, '../..')

/**
 * The bundles of all functions: those of an earlier call, if neither a source nor a bundle has changed since, else new
 * ones. For a process that starts often; a deployment always builds.
 *
 * @throws as {@link bundleFunctions}
 */
export async function bundleOrReuse(root: string = PROJECT_ROOT): Promise<Bundles> {
  const sources = await sourcesDigest(root)
  const stored = await readStored(join(root, 'dist/meta', STORED_BUILD))
  if (
    stored?.sources === sources &&
    stored.files === (await filesDigest(root, Object.keys(stored.functions)))
  )
    return { functions: withPaths(root, stored.functions) }
  return bundleAndRecord(root, sources)
}

/**
 * New bundles of all functions, which {@link bundleOrReuse} takes until a source or a bundle changes.
 *
 * @throws as {@link bundleFunctions}
 */
export async function bundleAndRecord(root: string = PROJECT_ROOT, digest?: string): Promise<Bundles> {
  const sources = digest ?? (await sourcesDigest(root))
  const bundles = await bundleFunctions({ root })
  // its process would stay as long as this one
  await stop()
  // sources that change during the build belong to none of the two digests
  if (sources === (await sourcesDigest(root))) {
    const meta = join(root, 'dist/meta')
    const functions = withoutPaths(bundles.functions)
    const files = await filesDigest(root, Object.keys(functions))
    const build = { sources, files, functions } satisfies StoredBuild
    await replaceFile(join(meta, STORED_BUILD), JSON.stringify(build), meta)
  }
  return bundles
}

async function readStored(file: string): Promise<StoredBuild | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as StoredBuild
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return undefined
    throw error
  }
}

async function sourcesDigest(root: string): Promise<string> {
  const paths: string[] = []
  for await (const path of glob(SOURCES, { cwd: root })) paths.push(path)
  return digestOf(root, [...paths.sort(), ...PACKAGES])
}

/** Of every file in the folders of the functions. */
async function filesDigest(root: string, names: readonly string[]): Promise<string> {
  const files = await Promise.all(
    names.map(async (name) => {
      const directory = functionDirectory(name)
      const entries = await readdir(join(root, directory), { recursive: true }).catch(ignoreMissing)
      return (entries ?? []).sort().map((entry) => join(directory, entry))
    }),
  )
  return digestOf(root, files.flat())
}

/** A digest of the paths and the contents of files; a missing file has a digest of its own, a folder none. */
async function digestOf(root: string, paths: readonly string[]): Promise<string> {
  const digests = await Promise.all(
    paths.map(async (path) => {
      const file = join(root, path)
      const stats = await stat(file).catch(ignoreMissing)
      if (stats?.isDirectory()) return ''
      const content = stats && (await readFile(file).catch(ignoreMissing))
      return `${path} ${content ? createHash('sha256').update(content).digest('hex') : 'missing'}\n`
    }),
  )
  return createHash('sha256').update(digests.join('')).digest('hex')
}

function ignoreMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function functionDirectory(name: string): string {
  return join('dist/functions', name)
}

function withPaths(root: string, functions: StoredBuild['functions']): Record<string, Bundle> {
  return Object.fromEntries(
    Object.entries(functions).map(([name, bundle]) => {
      const directory = join(root, functionDirectory(name))
      return [name, { ...bundle, directory, file: join(directory, 'index.cjs') }]
    }),
  )
}

function withoutPaths(functions: Bundles['functions']): StoredBuild['functions'] {
  return Object.fromEntries(
    Object.entries(functions).map(([name, { directory: _directory, file: _file, ...bundle }]) => [
      name,
      bundle,
    ]),
  )
}
