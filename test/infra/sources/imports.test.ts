import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** Files that keep the rules: what the planted ones import, and what must not be refused. */
const LEGAL: Record<string, string> = {
  'shared/domain/sound.ts': 'export const sound = 1',
  'shared/domain/records/sound.ts': "export { sound } from '../sound.ts'",
  'shared/domain/ports/sound.ts': "export { sound } from '../records/sound.ts'",
  'shared/declare/sound.ts': "export { sound } from '#shared/domain/sound.ts'",
  'shared/http/sound.ts': "export { sound } from '#shared/declare/sound.ts'",
  'shared/upstreams/sound.ts': "export { sound } from '#shared/declare/sound.ts'",
  'shared/engine/model/sound.ts': "export { sound } from '#shared/upstreams/sound.ts'",
  'shared/engine/rate-limit/sound.ts': "export { sound } from '../model/sound.ts'",
  'shared/engine/fetch/sound.ts': "export { sound } from '../rate-limit/sound.ts'",
  'shared/engine/publish/sound.ts': "export { sound } from '../fetch/sound.ts'",
  'shared/engine/run.ts': "export { sound } from './publish/sound.ts'",
  'shared/read/sound.ts': "export { sound } from '#shared/engine/run.ts'",
  'shared/analysis/sound.ts': "export { sound } from '#shared/domain/sound.ts'",
  'shared/adapters/sound.ts': "export { sound } from '#shared/domain/ports/sound.ts'",
  'shared/systems/funding/sound.ts': "export { sound } from '#shared/upstreams/sound.ts'",
  'functions/runtime/job-function.ts': "export { sound as jobFunction } from '#shared/declare/sound.ts'",
  'functions/jobs/index.ts': "export { job } from './one/job.ts'",
  'functions/jobs/one/job.ts': "export { sound as job } from '#shared/declare/sound.ts'",
  'functions/jobs/one/refresh.ts': "import * as z from 'zod/mini'\nexport const refresh = z.string()",
  'functions/jobs/one/handler.ts':
    "export { jobFunction as handler } from '#functions/runtime/job-function.ts'",
  'functions/jobs/two/job.ts': 'export const job = 2',
  'functions/jobs/two/refresh.ts': 'export const refresh = 2',
  'functions/reads/handler.ts': "export { job as handler } from '#functions/jobs/index.ts'",
  'functions/operations/http/request.ts': 'export const request = 1',
  'functions/operations/handler.ts': "export { request as handler } from './http/request.ts'",
  'functions/page/data/sound.ts': 'export const sound = 1',
  'functions/page/parts/sound.ts': "export { sound } from '../data/sound.ts'",
  'functions/page/operator/sound.ts': "export { sound } from '../parts/sound.ts'",
  'functions/page/views/sound.ts': "export { sound } from '../operator/sound.ts'",
  'functions/watchdog/handler.ts': "export { job as handler } from '#functions/jobs/index.ts'",
  'infra/stages/config.ts': "export { job as config } from '#functions/jobs/index.ts'",
  'infra/definitions/sound.ts': 'export const sound = 1',
  'infra/alarms/sound.ts': "export { sound } from '#infra/definitions/sound.ts'",
  'infra/checks/sound.ts': "export { sound } from '#infra/definitions/sound.ts'",
  'infra/plan/sound.ts': "export { sound } from '#infra/checks/sound.ts'",
  'infra/app.ts': "export { sound as app } from '#infra/plan/sound.ts'",
}

const PAGE_API = 'the page knows the system by its API: it imports the typed client and nothing else'
const PAGE = 'inside the page, imports point one way: data <- parts <- operator <- views <- main.tsx'
const SHARED = 'shared imports neither functions nor the deployment'
const ROOMS =
  'inside shared, imports point one way: domain <- declare <- http, upstreams <- engine <- read; analysis and adapters import domain only'
const DOMAIN = 'inside shared/domain, imports point one way: domain <- records <- ports'
const ENGINE =
  'inside shared/engine, imports point one way: model <- validate, rate-limit <- fetch, gate <- publish, record <- task; run.ts is on top'
const FUNCTIONS = 'functions do not import the deployment'
const ROOTS = 'runtime and jobs do not know the functions that are composed of them'
const BY_NAME = 'a job never imports another job or function: it reads its dataset by name'
const READS = 'reads bundle declarations and views, never how a job refreshes'
const OTHERS_FUNCTION =
  'a function bundles declarations and views, never another function or how a job refreshes'
const WATCHDOG = 'the watchdog bundles declarations, never reads or how a job refreshes'
const INFRA =
  'inside infra, imports point one way: command, lint <- scaffold <- cli; command, stages, definitions <- alarms <- estimates <- checks <- plan; docs <- bundle; app.ts, stack.ts and local are on top'

const imports = (from: string) => `import * as planted from '${from}'\nexport const used = planted`

/** One violation each: its folder, what it imports, and what the linter has to answer. */
const FORBIDDEN_IMPORTS = [
  ['shared', '#functions/jobs/index.ts', SHARED],
  ['shared', '#infra/stages/config.ts', SHARED],
  ['shared/declare', 'aws-cdk-lib', SHARED],
  ['shared/engine/model', 'aws-cdk-lib/aws-lambda', SHARED],
  ['shared/read', 'constructs', SHARED],
  ['shared/domain', '#shared/declare/sound.ts', ROOMS],
  ['shared/domain', '../declare/sound.ts', ROOMS],
  ['shared/domain', './records/sound.ts', DOMAIN],
  ['shared/domain/records', '../ports/sound.ts', DOMAIN],
  ['shared/declare', '#shared/http/sound.ts', ROOMS],
  ['shared/declare', '#shared/upstreams/sound.ts', ROOMS],
  ['shared/declare', '#shared/engine/run.ts', ROOMS],
  ['shared/http', '#shared/engine/run.ts', ROOMS],
  ['shared/http', '#shared/upstreams/sound.ts', ROOMS],
  ['shared/upstreams', '#shared/engine/run.ts', ROOMS],
  ['shared/upstreams', '#shared/adapters/sound.ts', ROOMS],
  ['shared/engine', '#shared/read/sound.ts', ROOMS],
  ['shared/engine/task', '#shared/adapters/sound.ts', ROOMS],
  ['shared/engine/model', '../rate-limit/sound.ts', ENGINE],
  ['shared/engine/rate-limit', '../fetch/sound.ts', ENGINE],
  ['shared/engine/gate', '../publish/sound.ts', ENGINE],
  ['shared/engine/fetch', '../publish/sound.ts', ENGINE],
  ['shared/engine/publish', '../run.ts', ENGINE],
  ['shared/read', '#shared/adapters/sound.ts', ROOMS],
  ['shared/read', '#shared/analysis/sound.ts', ROOMS],
  ['shared/read', 'zod/mini', 'too large for the read bundle'],
  ['shared/analysis', '#shared/declare/sound.ts', ROOMS],
  ['shared/adapters', '#shared/engine/run.ts', ROOMS],
  ['shared/adapters', '#shared/declare/sound.ts', ROOMS],
  ['shared/systems/funding', '#shared/engine/run.ts', ROOMS],
  ['functions', '#infra/stages/config.ts', FUNCTIONS],
  ['functions', 'aws-cdk-lib', FUNCTIONS],
  ['functions', 'constructs', FUNCTIONS],
  ['functions/runtime', '#functions/jobs/index.ts', ROOTS],
  ['functions/runtime', '../jobs/index.ts', ROOTS],
  ['functions/jobs', '#functions/reads/handler.ts', ROOTS],
  ['functions/watchdog', '#infra/stages/config.ts', FUNCTIONS],
  ['functions/watchdog', 'aws-cdk-lib/aws-sqs', FUNCTIONS],
  ['functions/watchdog', '../reads/handler.ts', WATCHDOG],
  ['functions/watchdog', '#functions/jobs/one/refresh.ts', WATCHDOG],
  ['functions/operations', '#functions/reads/handler.ts', OTHERS_FUNCTION],
  ['functions/operations', '#functions/jobs/one/refresh.ts', OTHERS_FUNCTION],
  ['functions/operations/http', '../../watchdog/handler.ts', OTHERS_FUNCTION],
  ['functions/submit', '#functions/operations/handler.ts', OTHERS_FUNCTION],
  ['functions/page/data', '#shared/domain/sound.ts', PAGE_API],
  ['functions/page/views', '#functions/jobs/index.ts', PAGE_API],
  ['functions/page/data', '../parts/sound.ts', PAGE],
  ['functions/page/parts', '../operator/sound.ts', PAGE],
  ['functions/page/operator', '../views/sound.ts', PAGE],
  ['functions/jobs/one', '#infra/stages/config.ts', FUNCTIONS],
  ['functions/jobs/one', 'esbuild', FUNCTIONS],
  ['functions/jobs/one', '../two/job.ts', BY_NAME],
  ['functions/jobs/one', '../index.ts', BY_NAME],
  ['functions/jobs/one', '#functions/jobs/two/job.ts', BY_NAME],
  ['functions/jobs/one', '../../reads/handler.ts', BY_NAME],
  ['functions/jobs/one', '#functions/watchdog/handler.ts', BY_NAME],
  ['functions/reads', 'aws-cdk-lib', FUNCTIONS],
  ['functions/reads', 'zod', 'too large for the read bundle'],
  ['functions/reads', '@aws-lambda-powertools/metrics', 'reads emit no metric lines'],
  ['functions/reads', '../jobs/one/refresh.ts', READS],
  ['functions/reads', '#functions/jobs/one/refresh.ts', READS],
  ['functions/reads', '#functions/watchdog/handler.ts', READS],
  ['infra/definitions', '#infra/alarms/sound.ts', INFRA],
  ['infra/stages', '#infra/checks/sound.ts', INFRA],
  ['infra/alarms', '#infra/checks/sound.ts', INFRA],
  ['infra/checks', '#infra/plan/sound.ts', INFRA],
  ['infra/checks', '#infra/app.ts', INFRA],
  ['infra/scaffold', '#infra/checks/sound.ts', INFRA],
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
const byFile = new Map<string, Diagnostic[]>()

const pathOf = (folder: string, index: number) => `${folder}/planted-${index}.ts`

beforeAll(async () => {
  for (const name of ['biome.json', 'biome.imports.json', 'package.json', 'tsconfig.json', '.gitignore'])
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
  for (const one of await lint())
    byFile.set(one.location.path, [...(byFile.get(one.location.path) ?? []), one])
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
      const diagnostics = byFile.get(pathOf(folder, index)) ?? []

      expect(diagnostics.map(({ category, message }) => [category, message])).toContainEqual([
        'lint/style/noRestrictedImports',
        why,
      ])
    },
  )
})

test.each(OTHERS.map(([path, , rule]) => ({ path, rule })))('$path breaks $rule', ({ path, rule }) => {
  const categories = (byFile.get(path) ?? []).map(({ category }) => category)

  expect(categories).toContain(rule)
})

test('what is allowed is not refused', () => {
  const refused = Object.keys(LEGAL).filter((path) => byFile.has(path))

  expect(byFile.size).toBe(FORBIDDEN_IMPORTS.length + OTHERS.length)
  expect(refused).toEqual([])
})
