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
  /** The attack that must find it. */
  readonly attack: string
  /** Check and subject of what the attack must report with the bug, and must not report without it. */
  readonly finding: string
}

/*
 * When the code of a place changes, `from` no longer occurs in it and the script reports that: choose the new place.
 */
const BUGS: readonly PlantedBug[] = [
  {
    name: 'a bound removed',
    file: 'functions/jobs/global-market/refresh.ts',
    from: "inRange('a volume', Number(value.total_volume_24h_usd), { min: 0, max: MAX_USD })",
    to: "inRange('a volume', Number(value.total_volume_24h_usd), { min: 0, max: Number.MAX_VALUE })",
    job: 'global-market',
    attack: 'coingecko/global|$.data.total_volume.usd|1e308',
    finding: 'bounds (total_volume_24h_usd)',
  },
  {
    name: 'an expectation of a list ignored',
    file: 'functions/jobs/symbol-universe/refresh.ts',
    from: "notShrunk('symbols', 0.5,",
    to: "notShrunk('symbols', 0,",
    job: 'symbol-universe',
    attack: 'binance-spot/api/v3/exchangeInfo|$.symbols|first only',
    finding: 'lost (member)',
  },
  {
    name: 'a lost row dropped',
    file: 'functions/jobs/funding-rates/refresh.ts',
    from: 'missing: isPartial(rates, contracts) ? missingRates(rates) : []',
    to: 'missing: isPartial(rates, contracts) ? [] : []',
    job: 'funding-rates',
    attack: 'binance-futures/fapi/v1/premiumIndex|$|row 0 lost',
    finding: 'lost (member)',
  },
  {
    name: 'the age of a member taken from the head',
    file: 'shared/engine/publish/set-members.ts',
    from: "return { entry: previous, result: { key, status: 'failed', error, ...times } }",
    to: "return { entry: previous && { ...previous, checkedAt: now }, result: { key, status: 'failed', error, ...times } }",
    job: 'funding-rates',
    attack: 'binance-futures/fapi/v1/premiumIndex|$|row 0 lost',
    finding: 'renewal (times)',
  },
]

const ROOT = process.cwd()
const PARTS = ['functions', 'shared', 'infra', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts']

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
    const path = join(copy, bug.file)
    const source = await readFile(path, 'utf8')
    if (!source.includes(bug.from)) return `expected ${bug.file} to contain ${bug.from}; choose another place`
    if (isReported(bug, copy)) return `expected no ${bug.finding} without the bug, got one`
    await writeFile(path, source.replace(bug.from, bug.to))
    return isReported(bug, copy) ? 'found' : `expected ${bug.finding}, got none`
  } finally {
    await rm(copy, { recursive: true })
  }
}

function isReported({ job, attack, finding }: PlantedBug, folder: string): boolean {
  const args = [join(folder, 'test/hostile/run.ts'), '--job', job, '--only', attack]
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
  if (!stdout.includes(' 1 attacks, ')) throw new Error(`expected one attack, got ${stdout.slice(-2_000)}`)
  return stderr.includes(`: ${finding} at `)
}
