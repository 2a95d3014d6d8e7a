import { contradictionFindings } from './contradictions.ts'
import { expectationFindings } from './expectations.ts'
import { type Finding, shownValue } from './finding.ts'
import { healFindings } from './heal.ts'
import { versionFindings } from './indicator-findings.ts'
import { inventedFindings } from './invented.ts'
import { labelFindings } from './labels.ts'
import { lossFindings } from './loss.ts'
import type { Attack, GoodResponse } from './mutations.ts'
import { oracleFindings } from './oracle.ts'
import type { Profile } from './profiles.ts'
import { type Content, readBack } from './read-back.ts'
import { unitFindings } from './record-findings.ts'
import { type HostileRun, HostileWorld, type RunOptions, type Store } from './world.ts'

/** A finding with the attack that caused it. */
export interface AttackFinding extends Finding {
  readonly attack: string
}

/** A run with what is readable a millisecond after its end. */
interface ReadRun {
  readonly run: HostileRun
  readonly content: Content
}

/** Runs of which every attack needs the result, made once. */
interface Baseline {
  readonly stored: ReadRun
  /** By the number of attacked runs: the runs of the next times with good bodies, as many and as they are requested. */
  readonly good: Readonly<Record<Attack['runs'], readonly ReadRun[]>>
  /** The same where the attacked runs had no answer at all. */
  readonly silent: Readonly<Record<Attack['runs'], readonly ReadRun[]>>
}

const GOOD_RUNS = 2
/** As many runs may be attacked in a row, and as many good ones after them may be needed. */
const ATTACKED_RUNS = 2

/**
 * Attacks one profile of a job: over a stored good set, a run gets mutated bodies, and the next run good ones. After each
 * run everything is read back and checked.
 */
export class Attacker {
  readonly #world: HostileWorld
  readonly #request: Profile['request']
  readonly #times: readonly number[]
  readonly #baseline: Baseline

  private constructor(world: HostileWorld, profile: Profile, times: readonly number[], baseline: Baseline) {
    this.#world = world
    this.#request = profile.request
    this.#times = times
    this.#baseline = baseline
  }

  /** @throws {Error} if the good runs do not succeed, or if what they publish fails a check */
  static async open(profile: Profile): Promise<Attacker> {
    const { world, store } = await HostileWorld.open(profile)
    const times = world.times(GOOD_RUNS + 2 * ATTACKED_RUNS)
    const [first, ...others] = times.slice(0, GOOD_RUNS)
    if (first === undefined) throw new Error(`expected ${profile.name} to have a time to run at`)
    let stored = await readRun(world, store, first)
    for (const at of others) stored = await readRun(world, stored.run.store, at)
    const next = times.slice(GOOD_RUNS)
    const chain = (runs: Attack['runs'], isDown: boolean) =>
      runsInRow(world, stored.run.store, next.slice(0, 2 * runs), (index) =>
        index < runs ? { isDown, request: profile.request } : {},
      )
    const good = { 1: await chain(1, false), 2: await chain(2, false) }
    const silent = { 1: await chain(1, true), 2: await chain(2, true) }
    const attacker = new Attacker(world, profile, times, { stored, good, silent })
    attacker.#expectGood(profile.name)
    return attacker
  }

  /** The good responses of the run that is attacked. */
  get responses(): readonly GoodResponse[] {
    return this.#baseline.good[1][0]?.run.responses ?? []
  }

  /** Every promise that an attack breaks, each kind once. */
  async attack({ id, mutations, runs }: Attack): Promise<readonly AttackFinding[]> {
    const findings: Finding[] = []
    let last = this.#baseline.stored
    try {
      for (let index = 0; index < runs; index += 1) {
        const before = last
        last = await readRun(this.#world, last.run.store, this.#timeOf(index), {
          mutations,
          request: this.#request,
        })
        findings.push(...this.#stepFindings(mutations, before, last, index))
        findings.push(...(await this.#laterFindings(last)))
      }
      // a value on which two runs agreed is replaced by one on which two runs agree
      for (let index = runs; index < 2 * runs; index += 1)
        last = await readRun(this.#world, last.run.store, this.#timeOf(index))
      findings.push(...this.#recoveryFindings(last, runs), ...oracleFindings(last.content))
    } catch (error) {
      const got =
        error instanceof Error
          ? (error.stack ?? error.message).split('\n').slice(0, 2).join(' ')
          : String(error)
      findings.push({ check: 'throw', subject: 'error', place: 'engine', expected: 'no error', got })
    }
    // the first of a kind is reported: it is the nearest to the cause
    const kinds = Map.groupBy(findings, ({ check, subject }) => `${check} ${subject}`)
    return [...kinds.values()].flatMap(([first]) => (first ? [{ ...first, attack: id }] : []))
  }

  #stepFindings(
    mutations: Attack['mutations'],
    before: ReadRun,
    { run, content }: ReadRun,
    index: number,
  ): readonly Finding[] {
    const { job } = this.#world
    const control = this.#baseline.good[2][index] as ReadRun
    const step = {
      run,
      isFirst: index === 0,
      before: before.content,
      after: content,
      control: control.content,
      controlRun: control.run,
    }
    return [
      ...endFindings(run),
      ...oracleFindings(content),
      ...labelFindings(content, job),
      ...lossFindings(step),
      ...expectationFindings(mutations, step),
      ...contradictionFindings(mutations, step),
      ...inventedFindings(mutations, step),
      ...unitFindings(before.content, content),
      ...versionFindings(before.content, content),
    ]
  }

  /** Labels when what the run kept back is stale, and what it renewed is still fresh. */
  async #laterFindings({ run, content }: ReadRun): Promise<readonly Finding[]> {
    const { job, inputs } = this.#world
    const isAllNew = [...content.members.values()].every(({ checkedAt }) => checkedAt >= run.startedAt)
    if (isAllNew) return []
    const at = run.startedAt + job.freshness.freshForMs - 1_000
    return labelFindings(await readBack(job, inputs, run.store, at), job)
  }

  #recoveryFindings({ run, content }: ReadRun, runs: Attack['runs']): readonly Finding[] {
    const { good, silent } = this.#baseline
    const controls = [good[runs].at(-1), silent[runs].at(-1)].flatMap((control) =>
      control ? [control.content] : [],
    )
    return [...healFindings({ run, content, controls }), ...labelFindings(content, this.#world.job)]
  }

  #timeOf(index: number): number {
    return this.#times[GOOD_RUNS + index] as number
  }

  /** What good bodies give must pass every check: otherwise the oracle is wrong, or the job is wrong without any attack. */
  #expectGood(name: string): void {
    const { stored, good } = this.#baseline
    const findings = [stored, ...good[1], ...good[2]].flatMap(({ run, content }) => [
      ...(run.record.status === 'succeeded' || run.record.status === 'unchanged'
        ? []
        : [{ expected: 'success', got: shownValue(run.record) }]),
      ...oracleFindings(content),
      ...labelFindings(content, this.#world.job),
    ])
    if (findings.length > 0)
      throw new Error(
        `${name}: good bodies fail ${shownValue(findings.length)} checks: ${JSON.stringify(findings[0])}`,
      )
  }
}

async function readRun(
  world: HostileWorld,
  store: Store,
  at: number,
  options: RunOptions = {},
): Promise<ReadRun> {
  const run = await world.run(store, at, options)
  const content = await readBack(world.job, world.inputs, run.store, Math.ceil(run.endedAt) + 1)
  return { run, content }
}

async function runsInRow(
  world: HostileWorld,
  store: Store,
  times: readonly number[],
  optionsOf: (index: number) => RunOptions,
): Promise<readonly ReadRun[]> {
  const runs: ReadRun[] = []
  for (const [index, at] of times.entries())
    runs.push(await readRun(world, runs.at(-1)?.run.store ?? store, at, optionsOf(index)))
  return runs
}

/** Every run ends, and none with an error that the engine does not classify. */
function endFindings({ record: { job, status, reason, message = '' } }: HostileRun): readonly Finding[] {
  const place = job
  if (status === 'running')
    return [{ check: 'outcome', subject: status, place, expected: 'an outcome', got: status }]
  if (reason !== 'defect') return []
  return [{ check: 'throw', subject: reason, place, expected: 'a classified failure', got: message }]
}
