import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type TaskState, taskEndedAt, taskState } from '#shared/domain/records/run-record.ts'
import { cancelTask } from '#shared/engine/task/cancel.ts'
import { type SubmitResult, submit } from '#shared/engine/task/submit.ts'
import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { unreliableStore } from '#test/fakes/store/unreliable-store.ts'
import { type StepFault, submitPorts, taskMachines } from '#test/fakes/world/task-machine.ts'
import { runs } from '#test/support/runs.ts'

const START = Date.UTC(2026, 10, 20, 15)
const DEADLINE_MS = 120_000
const MOST_LAG_MS = 1_500
const FINAL: readonly TaskState[] = ['SUCCEEDED', 'PARTIAL', 'FAILED', 'TIMED_OUT', 'CANCELLED']

/** An action on a job whose runs are tasks, and the time since the action before. */
const deed = fc.record({
  afterMs: fc.integer({ min: 0, max: 30_000 }),
  what: fc.constantFrom('submit', 'submit-key', 'tick', 'cancel', 'die'),
  of: fc.integer({ min: 0, max: 2 }),
})

const story = fc.record({
  stored: fc.constantFrom('items' as const, 'snapshot' as const),
  deeds: fc.array(deed, { minLength: 1, maxLength: 12 }),
  fates: fc.array(fc.constantFrom<StepFault>('pass', 'pass', 'pass', 'pass', 'lost', 'die'), {
    maxLength: 20,
  }),
  delays: fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 10 }),
  /** How long the table takes for each call. */
  lags: fc.array(fc.integer({ min: 0, max: MOST_LAG_MS }), { minLength: 1, maxLength: 5 }),
  /** Before each step: the machine, too, takes its time. */
  pauses: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 130_000 })), {
    minLength: 1,
    maxLength: 8,
  }),
})

test('a task’s state only moves forward and ends within its deadline (I8); one key is one task, one execution (I9)', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ stored, deeds, fates, delays, pauses, lags }) => {
      const run = { mode: 'task', deadline: '2 minutes', concurrency: 2, chunk: 2 } as const
      let writes = 0
      const slowly = async () => {
        await clock.sleep(lags[writes++ % lags.length] as number)
        return 'pass' as const
      }
      const base = pricesWorld(stored, symbolNames(5), START, {
        change: { run },
        faults: (store) => unreliableStore(store, slowly),
      })
      const { clock } = base.work.ports
      const { id: job } = base.work.job
      let steps = 0
      const machines = taskMachines(base.work, async () => {
        const step = steps++
        await clock.sleep(pauses[step % pauses.length] as number)
        return fates[step % Math.max(1, fates.length)] ?? 'pass'
      })
      const ports = submitPorts(base.work, base.store, machines)
      let calls = 0
      base.script(async ({ url }) => {
        await clock.sleep(delays[calls++ % delays.length] as number)
        return { status: 200, body: priceBody(url, 5, clock.now()) }
      })
      const statesByTask = new Map<string, TaskState[]>()
      const ends = new Map<string, number>()
      /** What a task had published when it ended. */
      const stopped = new Map<string, number>()
      const publishedBy = (run: string) =>
        [...base.store.memory.items.values(), ...base.store.memory.heads.values()].filter(
          ({ runId }) => runId === run,
        ).length
      const observe = async () => {
        for (const record of await base.store.runs.list(job, { from: 0, to: Number.MAX_SAFE_INTEGER })) {
          if (record.reason === 'coalesced') continue
          const state = taskState(record, clock.now())
          const isOver = clock.now() >= record.startedAt + DEADLINE_MS
          expect(isOver && !FINAL.includes(state), `${state} after its deadline`).toBe(false)
          const states = statesByTask.get(record.id) ?? []
          if (states.at(-1) !== state) statesByTask.set(record.id, [...states, state])
          const end = taskEndedAt(record, clock.now())
          expect(end !== undefined, `${state} with an end at ${end}`).toBe(FINAL.includes(state))
          if (end !== undefined) expect(ends.get(record.id) ?? end, 'one end of a task').toBe(end)
          if (end !== undefined) ends.set(record.id, end)
          const landed = (record.endedAt ?? 0) + 2 * MOST_LAG_MS
          // an item on its way when the task was cancelled may land; no call of the table takes longer than this
          const isStopped = state === 'TIMED_OUT' || (state === 'CANCELLED' && clock.now() >= landed)
          if (isStopped && !stopped.has(record.id)) stopped.set(record.id, publishedBy(record.id))
        }
      }
      const ofKey = new Map<number, Set<string>>()
      const runs: Promise<unknown>[] = []
      const begun = new Set<string>()
      const note = (submitted: SubmitResult, key?: number) => {
        if (!('run' in submitted)) return
        const { id } = submitted.run
        if (key !== undefined) ofKey.set(key, (ofKey.get(key) ?? new Set()).add(id))
        if (!machines.started.includes(id) || begun.has(id)) return
        begun.add(id)
        runs.push(machines.run(id))
      }

      let isOver = false
      const watching = (async () => {
        while (!isOver) {
          await observe()
          await clock.sleep(700)
        }
      })()
      for (const { afterMs, what, of } of deeds) {
        await clock.sleep(afterMs)
        const submission = { job: base.work.job, cause: 'submission', params: { of } } as const
        if (what === 'submit') note(await submit(submission, ports))
        if (what === 'submit-key')
          note(await submit({ ...submission, idempotencyKey: `key ${of}` }, ports), of)
        if (what === 'tick') {
          const tick = Math.floor(clock.now() / 60_000) * 60_000
          note(await submit({ ...submission, cause: 'tick', params: {}, tick }, ports))
        }
        if (what === 'cancel') {
          const [one] = [...begun].slice(-1)
          if (one) await cancelTask(job, one, 'operator-2', { store: base.store, clock })
        }
      }
      await clock.sleep(DEADLINE_MS + 1)
      await observe()
      await Promise.all(runs)
      isOver = true
      await watching
      await observe()

      for (const states of statesByTask.values()) {
        const order = states.map((state) => (state === 'PENDING' ? 0 : state === 'RUNNING' ? 1 : 2))
        expect(order, states.join()).toEqual([...order].sort((a, b) => a - b))
        expect(
          states.filter((state) => FINAL.includes(state)),
          states.join(),
        ).toHaveLength(1)
        expect(FINAL).toContain(states.at(-1))
      }
      for (const [id, published] of stopped) {
        expect(publishedBy(id)).toBeLessThanOrEqual(published)
        if (stored === 'snapshot') expect(published, 'a set of a task that was stopped').toBe(0)
      }
      for (const ids of ofKey.values()) expect(ids.size).toBe(1)
    }),
    { numRuns: runs(150, 30) },
  )
}, 60_000)
