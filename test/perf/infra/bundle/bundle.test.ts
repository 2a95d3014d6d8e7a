import { readFileSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { brotliDecompressSync, gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { jobs } from '#functions/jobs/declared.ts'
import { type Bundle, bundleFunctions } from '#infra/bundle/bundle.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const ROOT = process.cwd()

/**
 * Bytes of the read function with one job declared, and what each further job may add: its declaration and views. A setting may
 * be a base URL, whose rule every function has that reads settings. What serves the page and loads its parts is 2.3 kB, what
 * switches the jobs off that `--only` leaves out 0.3 kB.
 */
const READS = { bytes: 243_100, gzipBytes: 80_300, furtherBytes: 2_000, furtherGzipBytes: 800 }

/**
 * Bytes, minified, of every other function. A job with an API key carries the SSM client, which cannot be shaken. A call may
 * have a body, for which every job has the code; so it has that of later requests, escalation, further secret headers and personal data,
 * 7 kB in all, of connections that a run leaves to readers, 0.4 kB,
 * and of the progress of a run, 1.6 kB.
 */
const BUDGET = {
  jobWithoutKey: 354_600,
  jobWithKey: 403_100,
  // the steps of a task's state machine, and decimal arithmetic
  taskSteps: 15_000,
  decimals: 16_000,
  // occurrences of a schedule in a zone whose clocks change
  zonedSchedule: 24_000,
  // daily bars, of which a wrong answer can be undone
  barHistory: 6_000,
}

/**
 * Bytes of the functions that have every declaration, with one job declared, and what each further job may add. Operations
 * also has the rules of every provider, the schemas of requests, exact decimals for positions, requests for metrics, and
 * explanations with the reads that they need, 18 kB, and the ticks of a range and failure queues with what masks
 * their errors, 9 kB, and the reasons of changes, 0.3 kB. Each
 * switches the jobs off that `--only` leaves out, 0.3 kB, and
 * has the rules of all settings, also those of providers that no further job shares, and of long declarations.
 */
const SYSTEM_BUDGET = {
  operations: { bytes: 473_300, furtherBytes: 2_000 },
  submit: { bytes: 290_900, furtherBytes: 700 },
  watchdog: { bytes: 309_000, furtherBytes: 700 },
}

/** What Lambda does not need, or what would load undici. Package paths, because bare words hit harmless files. */
const FORBIDDEN = [
  'node_modules/undici/',
  'node_modules/@aws-sdk/client-sso/',
  'node_modules/@aws-sdk/client-sso-oidc/',
  'node_modules/@aws-sdk/client-sts/',
  'node_modules/@aws-sdk/nested-clients/',
  'node_modules/@aws-sdk/token-providers/',
  'node_modules/@aws-sdk/credential-provider-',
  'node_modules/zod/v4/locales/',
]

let bundles: Readonly<Record<string, Bundle>>

beforeAll(async () => {
  bundles = (await bundleFunctions()).functions
})

test('every handler is bundled, under the name of its function', async () => {
  const handlers = (await readdir(join(ROOT, 'functions'), { recursive: true }))
    .filter((file) => file.endsWith('handler.ts'))
    .map((file) => dirname(file).replace(/^jobs\//, 'job-'))

  expect(Object.keys(bundles)).toEqual(handlers.sort())
  expect(Object.keys(bundles)).toEqual(expect.arrayContaining(['job-global-market', 'reads', 'watchdog']))
})

test('a bundle and its map are all that is in a function’s directory, beside what reads load on first use', async () => {
  const contents = await Promise.all(Object.values(bundles).map(({ directory }) => readdir(directory)))

  const own = ['index.cjs', 'index.cjs.map']
  const lazy = ['openapi.json.br', 'overview.cjs', 'overview.cjs.map', 'ui']
  const expected = Object.keys(bundles).map((name) => (name === 'reads' ? [...own, ...lazy] : own))
  expect(contents.map((files) => files.sort())).toEqual(expected)
})

test('the read function fits its budget, which grows by little with each job (P1)', () => {
  const reads = bundles['reads']
  const further = jobs.length - 1

  expect(reads?.bytes).toBeLessThanOrEqual(READS.bytes + further * READS.furtherBytes)
  expect(reads?.gzipBytes).toBeLessThanOrEqual(READS.gzipBytes + further * READS.furtherGzipBytes)
})

test('reads contain neither the explanations nor the calendar, which only the overview needs (P1)', () => {
  const inputs = bundles['reads']?.inputs ?? []

  expect(
    inputs.filter((input) => /shared\/read\/(?:explain|overview)\/|node_modules\/croner/.test(input)),
  ).toEqual([])
})

test('the page fits its budget: at most 60 KB, compressed with gzip', async () => {
  const folder = join(bundles['reads']?.directory ?? '', 'ui')
  const files = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file))))

  const bytes = files.map((file) => gzipSync(brotliDecompressSync(file)).length)

  expect(bytes.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(60_000)
})

test('every other function fits its budget (P1)', () => {
  const over = Object.entries(bundles)
    .filter(([name]) => name !== 'reads')
    .map(([name, { bytes, inputs }]) => ({ name, bytes, budget: budgetOf(name, inputs) }))
    .filter(({ bytes, budget }) => bytes > budget)

  expect(over).toEqual([])
})

function budgetOf(name: string, inputs: readonly string[]): number {
  if (name === 'operations' || name === 'submit' || name === 'watchdog') {
    const { bytes, furtherBytes } = SYSTEM_BUDGET[name]
    return bytes + (jobs.length - 1) * furtherBytes
  }
  const holds = (path: string) => inputs.some((input) => input.includes(path))
  const job = holds('node_modules/@aws-sdk/client-ssm/') ? BUDGET.jobWithKey : BUDGET.jobWithoutKey
  const taskSteps = holds('shared/engine/task/steps.ts') ? BUDGET.taskSteps : 0
  const decimals = holds('node_modules/big.js/') ? BUDGET.decimals : 0
  const zonedSchedule = holds('node_modules/croner/') ? BUDGET.zonedSchedule : 0
  const barHistory = holds('shared/analysis/portfolio/bar-history.ts') ? BUDGET.barHistory : 0
  return job + taskSteps + decimals + zonedSchedule + barHistory
}

test('no function holds what Lambda does not need (P2)', () => {
  const forbidden = Object.entries(bundles).flatMap(([name, { inputs }]) =>
    inputs
      .filter((input) => FORBIDDEN.some((path) => input.includes(path)))
      .map((input) => `${name}: ${input}`),
  )

  expect(forbidden).toEqual([])
})

test('the read function holds no zod, no tracer and no router of powertools (P2)', () => {
  const inputs = bundles['reads']?.inputs ?? []

  expect(inputs.length).toBeGreaterThan(100)
  expect(
    inputs.filter((input) =>
      /node_modules\/(?:zod|@aws-lambda-powertools\/(?:tracer|event-handler))\//.test(input),
    ),
  ).toEqual([])
})

test('no function holds the sentences of generated documents', () => {
  const sentences = jobs.flatMap(({ spec }) => (spec.reads ?? []).map(({ about }) => about))
  const texts = Object.values(bundles).map(({ file }) => readFileSync(file, 'utf8'))

  expect(sentences.length).toBeGreaterThan(10)
  expect(sentences.filter((about) => texts.some((text) => text.includes(about)))).toEqual([])
})

test('no function holds event streams or a SHA-256 of its own', () => {
  const forbidden = Object.entries(bundles).flatMap(([name, { inputs }]) =>
    inputs
      .filter((input) => /eventstream|event-streams\/(?!index)|Sha256Js/i.test(input))
      .map((input) => `${name}: ${input}`),
  )

  expect(forbidden.filter((input) => !input.endsWith('infra/bundle/sdk-sha256.ts'))).toEqual([])
})

test('every function gets its credentials through the slim provider', () => {
  const without = Object.entries(bundles).filter(
    ([, { inputs }]) => !inputs.includes('infra/bundle/sdk-credentials.ts'),
  )

  expect(without.map(([name]) => name)).toEqual([])
})

test('a bundle that is loaded while it is built again is whole', async () => {
  const outDir = join(await temporaryDirectory(), 'functions')
  const choices = { outDir, entries: { reads: 'functions/reads/handler.ts' } }
  const { functions } = await bundleFunctions(choices)
  const file = functions['reads']?.file ?? ''
  const whole = await readFile(file)

  const sizes = new Set<number>()
  let bundled = 0
  const making = Promise.all([1, 2, 3].map(() => bundleFunctions(choices).finally(() => bundled++)))
  while (bundled < 3) sizes.add((await readFile(file)).length)
  await making

  expect(whole.length).toBeGreaterThan(1_000)
  expect([...sizes]).toEqual([whole.length])
})

test('two handlers of one name are refused', async () => {
  const root = await temporaryDirectory()
  for (const folder of ['functions/jobs/a', 'functions/job-a']) {
    await mkdir(join(root, folder), { recursive: true })
    await copyFile(join(ROOT, 'infra/bundle/sdk-credentials.ts'), join(root, folder, 'handler.ts'))
  }

  const bundled = bundleFunctions({ root })

  await expect(bundled).rejects.toThrow('expected one handler for job-a')
})

test('a source that does not parse is refused with its place', async () => {
  const root = await temporaryDirectory()

  const bundled = bundleFunctions({ root, entries: { broken: 'nowhere.ts' } })

  await expect(bundled).rejects.toThrow('nowhere.ts')
})
