import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { bundleFunctions } from '#infra/bundle/bundle.ts'
import { gate, median, note, shuffled } from './measure.ts'
import { PATH, storedItem } from './stored-item.ts'

/*
 * Goal P3: user and system CPU of a cold start of reads, against two functions that only read one item with the SDK.
 * Each cold start is a fresh process that loads a bundle and answers one read, over a table in another process; the
 * variants take turns in shuffled rounds. The gates compare loading and the first read; figures that include Node's
 * own start are printed too.
 */

const ROUNDS = Number(process.argv[2] ?? 31)
const BARE = 'test/bench/bare-get-item.ts'

const SCRIPT = `
  const start = process.cpuUsage()
  const { handler } = require(process.argv[1])
  const event = {
    version: '2.0',
    rawPath: '${PATH}',
    headers: { 'accept-encoding': 'br' },
    requestContext: { requestId: 'bench', http: { method: 'GET', path: '${PATH}' } },
  }
  handler(event, {}).then(({ statusCode }) => {
    const load = process.cpuUsage(start)
    const all = process.cpuUsage()
    process.stdout.write(JSON.stringify({ statusCode, load: load.user + load.system, all: all.user + all.system }))
    process.exit(0)
  })`

const { environment: env, close } = await storedItem()

const directory = await mkdtemp(join(tmpdir(), 'freshet-bench-'))
const { functions } = await bundleFunctions({ outDir: join(directory, 'ours/functions') })
const bare = await bundleFunctions({ outDir: join(directory, 'bare/functions'), entries: { bare: BARE } })
const defaults = join(directory, 'defaults.cjs')
await build({ entryPoints: [resolve(BARE)], bundle: true, platform: 'node', minify: true, outfile: defaults })

const files: Readonly<Record<string, string>> = {
  reads: functions['reads']?.file ?? '',
  bare: bare.functions['bare']?.file ?? '',
  defaults,
}
interface Cold {
  readonly load: number
  readonly all: number
}
const results = new Map<string, Cold[]>(Object.keys(files).map((name) => [name, []]))
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const [name, file] of shuffled(Object.entries(files))) {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', SCRIPT, file], { env })
    const { statusCode, ...cold } = JSON.parse(stdout) as Cold & { statusCode: number }
    if (statusCode !== 200) throw new Error(`expected ${name} to answer 200, got ${statusCode}`)
    // the first round warms the file cache
    if (round > 0) results.get(name)?.push(cold)
  }
}
await close()
await rm(directory, { recursive: true })

const cpu = (name: string, part: keyof Cold) => median((results.get(name) ?? []).map((cold) => cold[part]))
for (const name of Object.keys(files)) {
  note(`ms of CPU, ${name}: load and first read`, cpu(name, 'load') / 1_000)
  note(`ms of CPU, ${name}: with the start of Node`, cpu(name, 'all') / 1_000)
}
const ratio = (part: keyof Cold, other: string) => cpu('reads', part) / cpu(other, part)
gate('cold CPU of reads / of a bare GetItem bundle with our options (P3)', ratio('load', 'bare'), 1.3)
gate(
  'cold CPU of reads / of a bare GetItem bundle with esbuild defaults (P3)',
  ratio('load', 'defaults'),
  0.72,
)
note('the same with the start of Node, our options', ratio('all', 'bare'))
note('the same with the start of Node, esbuild defaults', ratio('all', 'defaults'))
