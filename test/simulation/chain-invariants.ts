import type { Job } from '#shared/declare/job.ts'
import { freshness } from '#shared/domain/freshness.ts'
import { type RunRecord, type TaskState, taskEndedAt, taskState } from '#shared/domain/records/run-record.ts'
import type { Price } from '#test/fakes/jobs/prices.ts'
import type { World } from '#test/fakes/world/world.ts'

const RANKS: Readonly<Partial<Record<TaskState, number>>> = { PENDING: 0, RUNNING: 1 }
const ENDED = 2

/** Looks at a job of tasks that follows another one after every step; what is wrong is written down, never thrown. */
export function chainInvariants({ clock, store: { memory } }: World<Price>, { id: job }: Pick<Job, 'id'>) {
  const violations: string[] = []
  const publishers = new Map<number, string>()
  const fences = new Map<string, number>()
  const latest = new Map<string, { readonly state: TaskState; readonly end: number | undefined }>()
  const due = new Set<string>()
  const expect = (holds: boolean, what: string) => {
    if (!holds) violations.push(`${new Date(clock.now()).toISOString().slice(11, 23)} ${what}`)
  }
  const records = () => [...memory.runs.values()].filter((record) => record.job === job)

  function task(record: RunRecord) {
    const now = clock.now()
    const { state: before, end } = latest.get(record.id) ?? {}
    const state = taskState(record, now)
    const endedAt = taskEndedAt(record, now)
    expect(
      before === undefined || rank(state) >= rank(before),
      `I8 ${record.id} goes from ${before} to ${state}`,
    )
    expect(
      end === undefined || (before === state && end === endedAt),
      `I8 ${record.id} ends ${before}, then ${state}`,
    )
    expect(
      now < (record.task?.deadlineAt ?? 0) || rank(state) === ENDED,
      `I8 ${record.id} is ${state} past its deadline`,
    )
    latest.set(record.id, { state, end: endedAt })
  }

  return {
    violations,

    afterStep() {
      for (const record of records()) if (record.task) task(record)
      for (const [name, { fence, runId }] of memory.items) {
        expect(
          fence >= (fences.get(name) ?? 0),
          `I1 fence of ${name} goes from ${fences.get(name)} to ${fence}`,
        )
        fences.set(name, fence)
        const publisher = publishers.get(fence) ?? runId
        expect(publisher === runId, `I4 fence ${fence} is published by ${publisher} and ${runId}`)
        publishers.set(fence, publisher)
      }
    },

    /** I5: the outcome of a tick is due, and there is one. */
    outcomeDue(tick: number) {
      const ofTick = records().filter((record) => record.tick === tick)
      const [one] = ofTick
      const time = new Date(tick).toISOString()
      expect(
        ofTick.length === 1 && one?.status !== 'running',
        `I5 tick ${time} has ${ofTick.length} records, ${one?.status}`,
      )
    },

    /** A run of the input was published without faults: a run of the follower is due. */
    followDue: (run: string) => due.add(run),

    /** I12: half an hour of peace is over. */
    atEnd() {
      for (const run of due) {
        const followed = records().filter(({ input }) => input === run)
        expect(followed.length === 1, `expected one run that follows ${run}, got ${followed.length}`)
      }
      const items = [...memory.items.values()]
      expect(items.length === 2, `I12 expected two items, got ${items.length}`)
      for (const item of items)
        expect(freshness(item, clock.now()) === 'fresh', `I12 ${item.key} is not fresh after the storm`)
    },

    /** How many tasks ended how. */
    states: () => [...latest.values()].map(({ state }) => state),
  }
}

function rank(state: TaskState): number {
  return RANKS[state] ?? ENDED
}
