import { goodRunsOf, recoverAfterMsOf, runsOfCycleOf } from './attack-settings.ts'
import type { Attack, GoodResponse } from './mutations/mutations.ts'
import { lostDigits } from './oracle/check-in-findings.ts'
import { contradictionFindings } from './oracle/contradictions.ts'
import { expectationFindings } from './oracle/expectations.ts'
import { type Finding, shownValue } from './oracle/finding.ts'
import { healFindings } from './oracle/heal.ts'
import { versionFindings } from './oracle/indicator-findings.ts'
import { inventedFindings } from './oracle/invented.ts'
import { labelFindings } from './oracle/labels.ts'
import { lossFindings } from './oracle/loss.ts'
import { oracleFindings } from './oracle/oracle.ts'
import { unitFindings } from './oracle/record-findings.ts'
import type { Profile } from './profiles.ts'
import { type Content, readBack } from './read-back.ts'
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

/** Runs with which an attack on as many runs is compared, made once. */
interface Controls {
  /** The runs of the attacked times with good bodies, as they are requested, and as many good ones after them. */
  readonly good: readonly ReadRun[]
  /** The same where the attacked runs had no answer at all. */
  readonly silent: readonly ReadRun[]
}

/** As many runs may be attacked in a row, and as many good ones after them may be needed. */
const ATTACKED_RUNS = 2

/** Times between the attacked runs and the good ones after them, of a job that recovers later. */
const MORE_TIMES = 20

/**
 * Attacks one profile of a job: over a stored good set, a run gets mutated bodies, and the next run good ones. After each
 * run everything is read back and checked.
 */
export class Attacker {
  readonly #world: HostileWorld
  readonly #profile: Profile
  /** Times of the runs after the stored ones. */
  readonly #times: readonly number[]
  /** After the good runs from which every attack begins. */
  readonly #stored: ReadRun
  /** By the number of attacked runs. */
  readonly #controls = new Map<Attack['runs'], Controls>()

  private constructor(world: HostileWorld, profile: Profile, times: readonly number[], stored: ReadRun) {
    this.#world = world
    this.#profile = profile
    this.#times = times
    this.#stored = stored
  }

  /** @throws {Error} if the good runs do not succeed, or if what they publish fails a check */
  static async open(profile: Profile): Promise<Attacker> {
    const { world, store } = await HostileWorld.open(profile)
    const goodRuns = goodRunsOf(world.job.id)
    const times = world.times(goodRuns + 2 * ATTACKED_RUNS + MORE_TIMES)
    const [last, ...earlier] = times.slice(0, goodRuns).toReversed()
    if (last === undefined) throw new Error(`expected ${profile.name} to have a time to run at`)
    let before = store
    for (const at of earlier.toReversed()) before = (await world.run(before, at)).store
    const stored = await readRun(world, before, last)
    const attacker = new Attacker(world, profile, times.slice(goodRuns), stored)
    attacker.#expectGood([stored])
    await attacker.#controlsOf(1)
    return attacker
  }

  /** The good responses of the run that is attacked. */
  get responses(): readonly GoodResponse[] {
    return this.#controls.get(1)?.good[0]?.run.responses ?? []
  }

  /** Every promise that an attack breaks, each kind once. */
  async attack({ id, mutations, runs }: Attack): Promise<readonly AttackFinding[]> {
    const findings: Finding[] = []
    const controls = await this.#controlsOf(runs)
    let last = this.#stored
    try {
      for (let index = 0; index < runs; index += 1) {
        const before = last
        last = await readRun(this.#world, last.run.store, this.#timeOf(index, runs), {
          mutations,
          request: this.#profile.request,
        })
        findings.push(...this.#stepFindings(mutations, before, last, controls.good[index] as ReadRun))
        findings.push(...(await this.#laterFindings(last)))
      }
      // a value on which two runs agreed is replaced by one on which two runs agree
      for (let index = runs; index < this.#timesOf(runs).length; index += 1)
        last = await readRun(this.#world, last.run.store, this.#timeOf(index, runs))
      const renewedSince = this.#timesOf(runs).at(-runsOfCycleOf(this.#world.job.id)) as number
      findings.push(...this.#recoveryFindings(last, renewedSince, controls), ...oracleFindings(last.content))
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
    control: ReadRun,
  ): readonly Finding[] {
    const { job } = this.#world
    const step = {
      run,
      isFirst: before === this.#stored,
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

  #recoveryFindings(
    { run, content }: ReadRun,
    renewedSince: number,
    { good, silent }: Controls,
  ): readonly Finding[] {
    const controls = [good.at(-1), silent.at(-1)].flatMap((control) => (control ? [control.content] : []))
    return [
      ...healFindings({ run, renewedSince, content, controls }),
      ...labelFindings(content, this.#world.job),
    ]
  }

  async #controlsOf(runs: Attack['runs']): Promise<Controls> {
    const stored = this.#controls.get(runs)
    if (stored) return stored
    const chain = (isDown: boolean) =>
      runsInRow(this.#world, this.#stored.run.store, this.#timesOf(runs), (index) =>
        index < runs ? { isDown, request: this.#profile.request } : {},
      )
    const controls = { good: await chain(false), silent: await chain(true) }
    this.#expectGood(controls.good)
    this.#controls.set(runs, controls)
    return controls
  }

  #timeOf(index: number, runs: Attack['runs']): number {
    return this.#timesOf(runs)[index] as number
  }

  /** Times of the attacked runs, and of as many good ones after them, each of all data. */
  #timesOf(runs: Attack['runs']): readonly number[] {
    const { id } = this.#world.job
    const attacked = this.#times.slice(0, runs)
    const last = Math.max(...attacked)
    const recovery = this.#times.filter((at) => at > last && at >= last + recoverAfterMsOf(id))
    return [...attacked, ...recovery.slice(0, runs * runsOfCycleOf(id))]
  }

  /** What good bodies give must pass every check: otherwise the oracle is wrong, or the job is wrong without any attack. */
  #expectGood(runs: readonly ReadRun[]): void {
    const findings = runs.flatMap(({ run, content }) => [
      ...(run.record.status === 'succeeded' || run.record.status === 'unchanged'
        ? []
        : [{ expected: 'success', got: shownValue(run.record) }]),
      ...oracleFindings(content),
      ...labelFindings(content, this.#world.job),
      ...digitFindings(run, content),
    ])
    if (findings.length > 0)
      throw new Error(
        `${this.#profile.name}: good bodies fail ${shownValue(findings.length)} checks: ${JSON.stringify(findings[0])}`,
      )
  }
}

/** Bodies of one run have all that is stored, if the run renewed all of it. */
function digitFindings({ startedAt, responses }: HostileRun, content: Content): readonly Finding[] {
  const isWhole = [...content.members.values()].every(({ checkedAt }) => checkedAt >= startedAt)
  const texts = responses.map(({ text }) => text)
  return isWhole && content.job.startsWith('check-in-') ? lostDigits(content, texts) : []
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
