import { appendFile, cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type OnCleanup, onTestCleanup, temporaryDirectory } from './cleanup.ts'

const ROOT = process.cwd()
const PARTS = [
  'functions',
  'shared',
  'infra',
  'test',
  'docs',
  'package.json',
  'tsconfig.json',
  'cdk.json',
  'biome.json',
  'biome.imports.json',
  '.gitignore',
  'vitest.config.ts',
]

/** A copy of this project that a test may add to; its packages are ours. Absolute path. */
export async function projectCopy(atEnd: OnCleanup = onTestCleanup): Promise<string> {
  const copy = await temporaryDirectory(atEnd)
  for (const part of PARTS) await cp(join(ROOT, part), join(copy, part), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** Seven symbols; in chunks of three they are three chunks. */
export const TOY_SYMBOLS = ['S0', 'S1', 'S2', 'S3', 'S4', 'S5', 'S6']

/** A copy of this project with a provider `toy` and two jobs whose runs are tasks, `toy-items` and `toy-snapshot`. */
export async function toyProject(atEnd: OnCleanup): Promise<string> {
  const copy = await projectCopy(atEnd)
  await writeFile(join(copy, 'shared/upstreams/toy.ts'), UPSTREAM)
  const registry = join(copy, 'shared/upstreams/index.ts')
  const providers = await readFile(registry, 'utf8')
  await writeFile(
    registry,
    `import { toy } from './toy.ts'\n${providers.replace('  coingecko,\n', '  coingecko,\n  toy,\n')}`,
  )
  for (const stored of ['items', 'snapshot'] as const) {
    const folder = join(copy, `functions/jobs/toy-${stored}`)
    await mkdir(folder)
    await writeFile(join(folder, 'job.ts'), jobText(stored))
    await writeFile(join(folder, 'refresh.ts'), REFRESH)
    await writeFile(join(folder, 'schema.ts'), schemaText(stored))
    await writeFile(join(folder, 'handler.ts'), HANDLER)
    const name = `toy${stored}`
    await appendFile(
      join(copy, 'functions/jobs/index.ts'),
      `export { job as ${name} } from './toy-${stored}/job.ts'\n`,
    )
  }
  return copy
}

const UPSTREAM = `
import { defineUpstream } from '../declare/upstream.ts'
import { classify } from './classify.ts'

export const toy = defineUpstream({
  name: 'toy',
  title: 'Toy',
  settings: {},
  baseUrls: () => ['https://toy.example'],
  limits: () => ({ perMinute: 6_000, burst: 100, concurrency: 20 }),
  attemptTimeout: '30 seconds',
  maxBytes: 65_536,
  attribution: { text: 'Invented for tests', url: 'https://toy.example' },
  classify: (answer, now) => classify(answer, { expects: 'object', coolDownMs: 60_000 }, now),
})
`

const REFRESH = `
import * as z from 'zod/mini'
import type { Refresh } from '#shared/engine/model/refresh.ts'

const body = z.object({ symbol: z.string(), price: z.number(), at: z.int() })

export const refresh: Refresh<z.infer<typeof body>> = {
  renderVersion: 1,
  plan: ({ key }) =>
    ${JSON.stringify(TOY_SYMBOLS)}
      .filter((symbol) => key === undefined || symbol === key)
      .map((symbol) => ({ key: symbol, calls: [{ path: '/price', query: { symbol } }] })),
  parse: ([answer]) => body.parse(answer),
  accept: () => ({ accepted: true }),
  item: (value) => ({ data: { ...value }, asOf: value.at, degraded: false }),
}
`

const HANDLER = `
import { jobFunction } from '#functions/runtime/job-function.ts'
import { job } from './job.ts'
import { refresh } from './refresh.ts'

export const handler = jobFunction(job, refresh)
`

const ROUTES = {
  items: {
    path: '/v1/toys/{symbol}',
    about: 'One toy',
    key: '{symbol}',
    parameters: { symbol: { pattern: '[A-Z0-9]{2,20}', about: 'a symbol' } },
    access: 'public',
    effect: 'read',
    cold: 'refuse',
  },
  snapshot: {
    path: '/v1/toys',
    about: 'All toys',
    key: 'all',
    access: 'public',
    effect: 'read',
    cold: 'refuse',
  },
} as const

function jobText(stored: keyof typeof ROUTES): string {
  return `
import { defineJob } from '#shared/declare/job.ts'
import { daily } from '#shared/declare/schedule.ts'

export const job = defineJob({
  id: 'toy-${stored}',
  title: 'Toys as ${stored}',
  priority: 'P2',
  settings: {},
  schedule: daily('04:44', 'UTC'),
  upstream: 'toy',
  freshness: { freshFor: '30 hours', serveStaleFor: '40 hours', keepFor: '50 hours' },
  run: { mode: 'task', deadline: '5 minutes', concurrency: 2, chunk: 3 },
  stored: '${stored}',
  envelope: 'plain',
  reads: [${JSON.stringify(ROUTES[stored])}],
})
`
}

function schemaText(stored: keyof typeof ROUTES): string {
  return `
import * as z from 'zod'

export const schemas = { '${ROUTES[stored].path}': z.unknown() }
`
}
