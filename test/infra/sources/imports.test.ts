import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** Files that are as they should be: what the planted ones import, and what must not be refused. */
const LEGAL: Record<string, string> = {
  'shared/declare/sound.ts': 'export const sound = 1',
  'shared/declare/imports-shared.ts': "export { sound as also } from './sound.ts'",
  'functions/runtime/job-function.ts': "export { sound as jobFunction } from '#shared/declare/sound.ts'",
  'functions/jobs/index.ts': "export { job } from './one/job.ts'",
  'functions/jobs/one/job.ts': "export { sound as job } from '#shared/declare/sound.ts'",
  'functions/jobs/one/refresh.ts': "import * as z from 'zod/mini'\nexport const refresh = z.string()",
  'functions/jobs/one/handler.ts':
    "export { jobFunction as handler } from '#functions/runtime/job-function.ts'",
  'functions/jobs/two/job.ts': 'export const job = 2',
  'functions/jobs/two/refresh.ts': 'export const refresh = 2',
  'functions/reads/handler.ts': "export { job as handler } from '../jobs/index.ts'",
  'functions/watchdog/handler.ts': "export { job as handler } from '../jobs/index.ts'",
  'infra/stages/config.ts': "export { job as config } from '#functions/jobs/index.ts'",
}

const ONE_WAY = 'imports point one way: shared <- functions <- infra'
const BY_NAME = 'a job never imports another job or function: it reads its dataset by name'
const SHARED = 'shared code knows nothing of the deployment'
const FUNCTIONS = 'functions know nothing of the deployment'
const READS = 'reads bundle declarations and shapes, never how a job refreshes'
const WATCHDOG = 'the watchdog bundles declarations, never reads or how a job refreshes'

const imports = (from: string) => `import * as planted from '${from}'\nexport const used = planted`

/** One violation each: its folder, what it imports, and what the linter has to answer. */
const FORBIDDEN_IMPORTS = [
  ['shared', '#functions/jobs/index.ts', ONE_WAY],
  ['shared/declare', '../../functions/jobs/index.ts', ONE_WAY],
  ['shared', '#infra/stages/config.ts', ONE_WAY],
  ['shared/declare', '../../infra/config.ts', ONE_WAY],
  ['shared', 'aws-cdk-lib', SHARED],
  ['shared', 'aws-cdk-lib/aws-lambda', SHARED],
  ['shared', 'constructs', SHARED],
  ['functions', '#infra/stages/config.ts', ONE_WAY],
  ['functions', 'aws-cdk-lib', FUNCTIONS],
  ['functions', 'constructs', FUNCTIONS],
  ['functions/watchdog', '../../infra/config.ts', ONE_WAY],
  ['functions/watchdog', 'aws-cdk-lib/aws-sqs', FUNCTIONS],
  ['functions/watchdog', 'constructs', FUNCTIONS],
  ['functions/watchdog', '../reads/handler.ts', WATCHDOG],
  ['functions/watchdog', '../jobs/one/refresh.ts', WATCHDOG],
  ['functions/jobs/one', '#infra/stages/config.ts', ONE_WAY],
  ['functions/jobs/one', 'aws-cdk-lib', FUNCTIONS],
  ['functions/jobs/one', 'constructs', FUNCTIONS],
  ['functions/jobs/one', 'esbuild', FUNCTIONS],
  ['functions/jobs/one', '../two/job.ts', BY_NAME],
  ['functions/jobs/one', '../two/refresh.ts', BY_NAME],
  ['functions/jobs/one', '../index.ts', BY_NAME],
  ['functions/jobs/one', '#functions/jobs/two/job.ts', BY_NAME],
  ['functions/jobs/one', '#functions/jobs/index.ts', BY_NAME],
  ['functions/jobs/one', '../../reads/handler.ts', BY_NAME],
  ['functions/jobs/one', '#functions/watchdog/handler.ts', BY_NAME],
  ['functions/reads', '#infra/stages/config.ts', ONE_WAY],
  ['functions/reads', 'aws-cdk-lib', FUNCTIONS],
  ['functions/reads', 'constructs', FUNCTIONS],
  ['functions/reads', 'esbuild', FUNCTIONS],
  ['functions/reads', 'zod', 'too large for the read bundle'],
  ['functions/reads', 'zod/mini', 'too large for the read bundle'],
  ['functions/reads', '@aws-lambda-powertools/metrics', 'reads emit no metric lines'],
  ['functions/reads', '../jobs/one/refresh.ts', READS],
  ['functions/reads', '#functions/jobs/one/refresh.ts', READS],
  ['functions/reads', '../watchdog/handler.ts', READS],
  ['functions/serving', 'zod/mini', 'too large for the read bundle'],
  ['functions/serving', '../jobs/one/refresh.ts', READS],
] as const

const floating = 'async function late(): Promise<void> {}\nexport function start(): void {\n  late()\n}'

/** Violations of other rules: file, content, rule. */
const OTHERS = [
  ['shared/planted-extension.ts', imports('./declare/sound'), 'lint/correctness/useImportExtensions'],
  ['shared/planted-package.ts', imports('left-pad'), 'lint/correctness/noUndeclaredDependencies'],
  ['shared/planted-promise.ts', floating, 'lint/nursery/noFloatingPromises'],
  [
    'functions/reads/planted-fetch.ts',
    "export const got = () => fetch('https://example.org')",
    'lint/style/noRestrictedGlobals',
  ],
  [
    'shared/planted-cycle.ts',
    "export { there as here } from './planted-circle.ts'",
    'lint/suspicious/noImportCycles',
  ],
  [
    'shared/planted-circle.ts',
    "export { here as there } from './planted-cycle.ts'",
    'lint/suspicious/noImportCycles',
  ],
] as const

interface Diagnostic {
  readonly category: string
  readonly message: string
  readonly location: { readonly path: string }
}

const root = mkdtempSync(join(tmpdir(), 'freshet-boundaries-'))
const found = new Map<string, Diagnostic[]>()

const pathOf = (folder: string, index: number) => `${folder}/planted-${index}.ts`

beforeAll(async () => {
  for (const name of ['biome.json', 'package.json', 'tsconfig.json', '.gitignore'])
    copyFileSync(name, join(root, name))
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'))
  const planted = [
    ...Object.entries(LEGAL),
    ...FORBIDDEN_IMPORTS.map(([folder, from], index) => [pathOf(folder, index), imports(from)] as const),
    ...OTHERS.map(([path, content]) => [path, content] as const),
  ]
  for (const [path, content] of planted) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), `${content}\n`)
  }
  for (const one of await lint()) found.set(one.location.path, [...(found.get(one.location.path) ?? []), one])
})
afterAll(() => rmSync(root, { recursive: true }))

/** Lints the planted tree with the configuration of this one. The linter fails when it finds something. */
function lint(): Promise<Diagnostic[]> {
  const args = ['lint', '.', '--reporter=json', '--max-diagnostics=none']
  return new Promise((done, failed) => {
    execFile(resolve('node_modules/.bin/biome'), args, { cwd: root, maxBuffer: 1e8 }, (error, stdout) => {
      if (error?.code === 1) done((JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics)
      else failed(new Error('expected the linter to find faults, got none or no answer', { cause: error }))
    })
  })
}

describe('an import across a boundary is refused', () => {
  test.each(FORBIDDEN_IMPORTS.map(([folder, from, why], index) => ({ folder, from, why, index })))(
    '$folder may not import $from',
    ({ folder, why, index }) => {
      const diagnostics = found.get(pathOf(folder, index)) ?? []

      expect(diagnostics.map(({ category, message }) => [category, message])).toContainEqual([
        'lint/style/noRestrictedImports',
        why,
      ])
    },
  )
})

test.each(OTHERS.map(([path, , rule]) => ({ path, rule })))('$path breaks $rule', ({ path, rule }) => {
  const categories = (found.get(path) ?? []).map(({ category }) => category)

  expect(categories).toContain(rule)
})

test('what is allowed is not refused', () => {
  const refused = Object.keys(LEGAL).filter((path) => found.has(path))

  expect(found.size).toBe(FORBIDDEN_IMPORTS.length + OTHERS.length)
  expect(refused).toEqual([])
})
