import { noControl } from '#shared/adapters/dynamodb/controls.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import type { Control } from '#shared/domain/records/control.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { explain } from '#shared/read/explain/explain.ts'
import type { CauseCode, Explanation } from '#shared/read/explain/explanation.ts'
import { readExplainRecords } from '#shared/read/explain/read-records.ts'
import type { Price } from '#test/fakes/jobs/prices.ts'
import { symbolNames } from '#test/fakes/jobs/prices.ts'
import type { World } from '#test/fakes/world/world.ts'
import { causeContradiction, stateContradiction } from '#test/support/expectations/explain-contradictions.ts'
import { scheduleOf } from '#test/support/jobs/test-jobs.ts'
import { chance } from './random.ts'

const MINUTE = 60_000
/** The provider has three symbols; the fourth one is in no plan. */
const NOT_PLANNED = 'S003'
/** The spread of the job, and how long a delivery usually takes. */
const START_WITHIN_MS = 2 * MINUTE
/** Interval, deadline and two passes of the watchdog. */
const OUTCOME_DUE_MS = 9 * MINUTE
/** A lease that has lapsed is noticed this much later: grace, a pass of the watchdog, and its time. */
const CLOSED_WITHIN_MS = 2 * MINUTE

/** What a second line rests on. */
interface Basis {
  readonly control: number
  /** When the blocks of the provider end. */
  readonly blocks: readonly number[]
}

/** Whether operators have decided, or a block of the provider has gone before its end. */
function hasChanged(before: Basis, after: Basis, at: number): boolean {
  return (
    before.control !== after.control || before.blocks.some((end) => end > at && !after.blocks.includes(end))
  )
}

interface Promised {
  readonly at: number
  readonly explanation: Explanation
  readonly basis: Basis
  /** The run under way. */
  readonly run?: RunRecord | undefined
}

/**
 * Operators' decisions in a storm, and explanations at random moments: none may contradict the records, and each second
 * line must come true, unless a later record explains why not.
 */
export function explainChecks(
  world: World<Price>,
  seed: number,
  { isQuiet, until }: { readonly isQuiet: () => boolean; readonly until: number },
) {
  const { clock, store, work } = world
  const { job, upstream } = work
  const { memory } = store
  const luck = chance(seed * 7_919 + 11)
  const violations: string[] = []
  const causes = new Map<CauseCode, number>()
  const promises: Promised[] = []
  /** When a record was first stored, and what the second lines rested on then. */
  const opened = new Map<string, { readonly at: number; readonly basis: Basis }>()
  const quietFrom = { at: Number.POSITIVE_INFINITY }

  const violate = (at: number, what: string) =>
    violations.push(`${new Date(at).toISOString().slice(11, 23)} explain: ${what}`)

  function basis(): Basis {
    const { coolDown, usageCoolDown, breaker } = memory.upstreams.get(upstream.name) ?? {}
    const ends = [coolDown?.until, usageCoolDown?.until, breaker?.openUntil, breaker?.probe?.until]
    return {
      control: memory.controls.get(job.id)?.revision ?? 0,
      blocks: ends.filter((end) => end !== undefined),
    }
  }

  async function decide(control: (current: Control) => Control): Promise<void> {
    const current = memory.controls.get(job.id) ?? noControl
    const change = `decision ${current.revision + 1}`
    await store.controls.replace(job.id, { ...control(current), revision: current.revision + 1, change })
  }

  async function operate(): Promise<void> {
    const now = clock.now()
    const by = { reason: 'a decision', by: 'ann' }
    const [next = now] = occurrences(scheduleOf(job), { after: now, limit: 1 })
    switch (luck.between(0, 5)) {
      case 0:
        return decide((control) => ({
          ...control,
          pause: { until: now + luck.between(1, 12) * MINUTE, ...by },
        }))
      case 1:
        return decide(({ pause: _over, ...rest }) => rest)
      case 2:
        return decide((control) => ({ ...control, skip: { tick: next, ...by } }))
      case 3:
        return decide((control) => ({
          ...control,
          overrides: luck.is(0.5) ? { intervalMs: 15 * MINUTE, toleranceMs: 150_000, decidedAt: now } : {},
        }))
      default: {
        const at = Math.floor(now)
        for (const key of symbolNames(3)) await store.items.invalidate(job.id, key, at)
        await store.snapshots.invalidate(job.id, 'all', at)
        return store.states.setInvalidated(job.id, at)
      }
    }
  }

  async function check(): Promise<void> {
    const now = clock.now()
    const key =
      job.stored === 'items' && luck.is(0.4) ? luck.pick([...symbolNames(3), NOT_PLANNED]) : undefined
    const subject = { job, key }
    const system = { jobs: [job], upstreams: new Map([[upstream.name, upstream]]) }
    const records = await readExplainRecords(subject, system, store, now)
    const explanation = explain(subject, system, records, now)
    causes.set(explanation.cause.code, (causes.get(explanation.cause.code) ?? 0) + 1)
    for (const contradiction of [
      await stateContradiction(explanation, world),
      await causeContradiction(explanation, world, (name) => name !== NOT_PLANNED),
    ])
      if (contradiction !== undefined) violate(now, contradiction)
    const link = explanation.facts.find(({ name }) => name === 'running_until')?.link
    promises.push({
      at: now,
      explanation,
      basis: basis(),
      run: memory.runs.get(`${job.id} ${link?.slice('/v1/runs/'.length)}`),
    })
  }

  /** A run of the schedule that came before the named time, although nothing has changed since. */
  function earlyRun({ at, explanation: { next }, basis: before }: Promised): RunRecord | undefined {
    const named = next.at ?? at
    return [...memory.runs.values()].find((run) => {
      const open = opened.get(run.id)
      // a process may die before it records that its run is skipped
      if (!open || ['skipped', 'missed', 'abandoned', 'running'].includes(run.status)) return false
      // a gate that cannot read the block lets the run pass; it is refused its calls, and its record has the reason
      if (run.status === 'failed' && run.attempts === 0) return false
      const isScheduled = run.cause === 'tick' && (run.tick ?? 0) > at && (run.tick ?? 0) < named
      // a process that died at the gate leaves its run to a later delivery, which may come after the pause
      const isLate = Math.max(open.at, run.startedAt) > (run.tick ?? 0) + START_WITHIN_MS
      return isScheduled && !isLate && !hasChanged(before, open.basis, open.at)
    })
  }

  function verify(promise: Promised): void {
    const { at, explanation, run } = promise
    const { next } = explanation
    const what = `said "${next.text}"`
    if (next.code === 'none' || (next.at === undefined && next.code !== 'run-ends'))
      violate(at, `${what}, but the job has ticks`)
    const named = next.at ?? at
    if (next.code === 'tick' || next.code === 'first-run') {
      const early = earlyRun(promise)
      if (early) violate(at, `${what}, but ${early.id} ran before`)
    }
    if (next.code === 'tick' && named + OUTCOME_DUE_MS < until) {
      const record = [...memory.runs.values()].find(({ tick }) => tick === named)
      const open = record && opened.get(record.id)
      if (!record || !open) violate(at, `${what}, but that tick has no record`)
      else if (at > quietFrom.at && open.at > named + START_WITHIN_MS && record.status !== 'missed')
        violate(at, `${what}, but ${record.id} started at ${new Date(open.at).toISOString()}`)
    }
    if (next.code === 'run-ends' && run && named + CLOSED_WITHIN_MS < until) {
      const later = memory.runs.get(`${job.id} ${run.id}`)
      if (later?.status === 'running' && later.owner === run.owner)
        violate(at, `${what}, but ${run.id} is still running`)
    }
  }

  return {
    afterStep() {
      if (isQuiet() && quietFrom.at > clock.now()) quietFrom.at = clock.now()
      if (memory.runs.size === opened.size) return
      for (const { id } of memory.runs.values())
        if (!opened.has(id)) opened.set(id, { at: clock.now(), basis: basis() })
    },

    /** Decides and explains at random moments; decisions end with the storm. */
    async live(): Promise<void> {
      while (clock.now() < until) {
        await clock.sleep(luck.between(2_000, 50_000))
        if (!isQuiet() && luck.is(0.08)) await operate()
        await check()
      }
    },

    violations(): readonly string[] {
      for (const promise of promises) verify(promise)
      return violations
    },

    causes: () => [...causes],
  }
}
