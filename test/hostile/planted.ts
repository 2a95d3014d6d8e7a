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
    file: 'shared/upstreams/fields.ts',
    from: 'const AMOUNT: Bounds = { min: 0, max: 1e18 }',
    to: 'const AMOUNT: Bounds = { min: 0, max: Number.MAX_VALUE }',
    job: 'funding-rates',
    attack: 'binance-futures/fapi/v1/ticker/24hr|$[0].quoteVolume|20 digits as text',
    finding: 'bounds (volume_24h)',
  },
  {
    name: 'an expectation of a list ignored',
    file: 'shared/systems/funding/binance-intervals.ts',
    from: "name: 'intervals', mayBeEmpty: true, maxShrink: 0.5,",
    to: "name: 'intervals', mayBeEmpty: true, maxShrink: 1,",
    job: 'funding-contracts',
    attack: 'binance-futures/fapi/v1/fundingInfo|$|first only',
    finding: 'expectation (short list)',
  },
  {
    name: 'a lost row dropped',
    file: 'functions/jobs/funding-rates/refresh.ts',
    from: 'missing: missing.map(({ symbol, message }) => ({ key: symbol, message }))',
    to: 'missing: missing.slice(1).map(({ symbol, message }) => ({ key: symbol, message }))',
    job: 'funding-rates',
    attack: 'binance-futures/fapi/v1/premiumIndex|$|row 0 lost',
    finding: 'lost (member)',
  },
  {
    name: 'the age of a member taken from the head',
    file: 'shared/read/cached-set.ts',
    from: 'return parts.length === 0 ? timesOf(servable) : mergeFreshness(parts)',
    to: 'return timesOf(servable)',
    job: 'funding-rates/bybit',
    attack: 'bybit/v5/market/tickers|$.result.list.*|all times -1 h',
    finding: 'label (age)',
  },
  {
    name: 'an answer about another symbol accepted',
    file: 'shared/upstreams/stocks/expect-symbol.ts',
    from: 'if (answered.toUpperCase() !== requested.toUpperCase())',
    to: "if (answered === '')",
    job: 'technical',
    attack: 'alpha-vantage/query?function=TIME_SERIES_DAILY?NVDA|$.Meta Data.2. Symbol|a word',
    finding: 'agreement (bars of another symbol)',
  },
  {
    name: 'former bars not restored',
    file: 'shared/analysis/portfolio/bar-history.ts',
    from: 'if (!replaced || !continuation(replaced.bars, fetched, options)) return undefined',
    to: 'if (!replaced || !continuation([], fetched, options)) return undefined',
    job: 'technical',
    attack: 'alpha-vantage/query?function=TIME_SERIES_DAILY?*|$.Time Series (Daily)|all rows as the first',
    finding: 'heal (rsi#)',
  },
  {
    name: 'former values of an observation dropped',
    file: 'shared/analysis/macro/observation-versions.ts',
    from: 'return [version, ...earlier].slice(0, MAX_VERSIONS)',
    to: 'return [version]',
    job: 'macro-indicators',
    attack: 'fred/fred/series/observations?units=lin?DGS10|$.observations[0].value|times 0.1',
    finding: 'agreement (versions)',
  },
  {
    name: 'a date without a value not withdrawn',
    file: 'shared/analysis/macro/observation-versions.ts',
    from: 'const answered = [...values, ...missing.map((date) => ({ date, value: null }))]',
    to: 'const answered = [...values, ...missing.slice(missing.length).map((date) => ({ date, value: null }))]',
    job: 'macro-indicators',
    attack: 'fred/fred/series/observations?units=pc1?CPIAUCSL|$.observations[0].value|-1 as text',
    finding: 'heal (value)',
  },
  {
    name: 'a band of the macro risk moved',
    file: 'shared/analysis/macro/dimensions.ts',
    from: 'below(1, 50), below(2, 70)',
    to: 'below(1, 55), below(2, 70)',
    job: 'macro-risk',
    attack: 'fred/fred/series/observations?units=lin?DFF|$.observations[0].value|times -1',
    finding: 'agreement (monetary_policy)',
  },
  {
    name: 'a second row of one id accepted',
    file: 'shared/upstreams/rows.ts',
    from: 'else if (rows.has(idOf(parsed.data)))',
    to: 'else if (rows.size < 0)',
    job: 'check-in-topics',
    attack: 'check-ins/v2/groups/28888000000001/checkins/*/topics?2424000001|$.resp_data.topics|row 0 twice',
    finding: 'agreement (a row twice)',
  },
  {
    name: 'the detail of another project accepted',
    file: 'shared/upstreams/check-ins/projects.ts',
    from: 'if (project.projectId === projectId) return project',
    to: "if (projectId !== '') return project",
    job: 'check-in-projects',
    attack:
      'check-ins/v2/groups/28888000000001/checkins/*?2424100150|$.resp_data.checkin.checkin_id|times 10',
    finding: 'agreement (project_id of the key)',
  },
  {
    name: 'a dropped row not counted',
    file: 'shared/systems/check-ins/short-list.ts',
    from: 'stored.filter((id) => !ids.has(id)).length',
    to: 'stored.filter((id) => !ids.has(id)).length * 0',
    job: 'check-in-topics',
    attack: 'check-ins/v2/groups/28888000000001/checkins/*/topics?*|$.resp_data.topics|row 0 lost',
    finding: 'lost (row)',
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
