import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A bug that the attack must find: one place in the source, and the kind of finding that it causes. */
interface PlantedBug {
  readonly name: string
  readonly file: string
  readonly from: string
  readonly to: string
  readonly job: string
  /** The check that must report it, as in a line of the report: `bounds (`. */
  readonly finding: string
}

/*
 * When the code of a place changes, `from` no longer occurs in it and the script says so: choose the new place. A bug
 * counts as found only if the same attack finds nothing of that kind without it.
 */
const BUGS: readonly PlantedBug[] = [
  {
    name: 'a bound removed',
    file: 'functions/jobs/global-market/refresh.ts',
    from: "inRange('a volume', Number(value.total_volume_24h_usd), { min: 0, max: MAX_USD })",
    to: "inRange('a volume', Number(value.total_volume_24h_usd), { min: 0, max: Number.MAX_VALUE })",
    job: 'global-market',
    finding: 'bounds (total_volume_24h_usd)',
  },
  {
    name: 'an expectation of a list ignored',
    file: 'functions/jobs/symbol-universe/refresh.ts',
    from: "notShrunk('symbols', 0.5,",
    to: "notShrunk('symbols', 0,",
    job: 'symbol-universe',
    finding: 'lost (member)',
  },
  {
    name: 'a lost row dropped',
    file: 'functions/jobs/funding-rates/refresh.ts',
    from: 'missing: isPartial(rates, contracts) ? missingRates(rates) : []',
    to: 'missing: isPartial(rates, contracts) ? [] : []',
    job: 'funding-rates',
    finding: 'lost (member)',
  },
  {
    name: 'the age of a member taken from the head',
    file: 'shared/engine/publish/set-members.ts',
    from: "return { entry: previous, result: { key, status: 'failed', error, ...times } }",
    to: "return { entry: previous && { ...previous, checkedAt: now }, result: { key, status: 'failed', error, ...times } }",
    job: 'funding-rates',
    finding: 'renewal (times)',
  },
]

const ROOT = process.cwd()
const PARTS = ['functions', 'shared', 'infra', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts']
const SEED = '1'

/* node test/hostile/planted.ts: plants each bug in a copy of the project, and expects the attack to find it. */
const results: string[] = []
for (const bug of BUGS) results.push(`${bug.name}: ${await resultOf(bug)}`)
process.stdout.write(`${results.join('\n')}\n`)
process.exitCode = results.every((line) => line.endsWith(': found')) ? 0 : 1

async function resultOf(bug: PlantedBug): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'freshet-planted-'))
  try {
    for (const part of PARTS) await cp(join(ROOT, part), join(copy, part), { recursive: true })
    await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
    const before = countOf(bug, copy)
    const path = join(copy, bug.file)
    const source = await readFile(path, 'utf8')
    if (!source.includes(bug.from)) return `expected ${bug.file} to contain ${bug.from}, choose another place`
    await writeFile(path, source.replace(bug.from, bug.to))
    const after = countOf(bug, copy)
    return after > before ? 'found' : `expected more than ${before} findings of ${bug.finding}, got ${after}`
  } finally {
    await rm(copy, { recursive: true })
  }
}

/** How often the sample reports the finding: a kind line begins with its number. */
function countOf({ job, finding }: PlantedBug, folder: string): number {
  const run = join(folder, 'test/hostile/run.ts')
  const args = [run, '--seed', SEED, '--job', job, '--all']
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 28 })
  const counts = stdout
    .split('\n')
    .filter((line) => line.includes(`: ${finding}`))
    .map((line) => Number(/(\d+) x /.exec(line)?.[1] ?? 1))
  return counts.reduce((sum, count) => sum + count, 0)
}
