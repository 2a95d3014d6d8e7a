import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRunRequest } from '#functions/runtime/events.ts'
import { submitEvents } from '#functions/submit/events.ts'
import { resolveJob } from '#shared/declare/job.ts'
import type { BusEvent } from '#shared/domain/ports/bus.ts'
import type { PlanContext } from '#shared/engine/model/refresh.ts'
import { run } from '#shared/engine/run.ts'
import { priceBody, pricesJob, pricesWorld } from '#test/fakes/jobs/prices.ts'
import { submitPorts, taskMachines } from '#test/fakes/world/task-machine.ts'
import { runs } from '#test/support/runs.ts'

const START = Date.UTC(2026, 10, 20, 15)
const SECOND = 1_000
const HOUR = 3_600_000
const INPUT = 'prices-snapshot'
const DEADLINE_MS = 120_000

const delay = fc.integer({ min: 0, max: 4 * SECOND })
const story = fc.record({
  mode: fc.constantFrom('plain' as const, 'task' as const),
  /** Runs of the input, so long after each other. */
  inputs: fc.array(fc.integer({ min: 1, max: 8 * SECOND }), { minLength: 1, maxLength: 4 }),
  /** Copies of each event that are delivered, and when; a replay comes hours later, while the input can still be read. */
  copies: fc.array(
    fc.array(fc.oneof({ weight: 4, arbitrary: delay }, fc.integer({ min: HOUR, max: 5 * HOUR })), {
      minLength: 0,
      maxLength: 3,
    }),
    { minLength: 1, maxLength: 4 },
  ),
  /** Ticks of the reader in between. */
  ticks: fc.array(fc.integer({ min: 0, max: 20 * SECOND }), { maxLength: 2 }),
  takes: fc.array(delay, { minLength: 1, maxLength: 5 }),
})

test('each run of an input causes at most one run, however often its event is delivered, and the last one is processed', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ mode, inputs, copies, ticks, takes }) => {
      const base = pricesWorld('snapshot', ['AAA'], START)
      const { clock } = base.work.ports
      const spec = pricesJob('items', {
        inputs: [INPUT],
        follows: [INPUT],
        run: { mode, deadline: `${DEADLINE_MS / SECOND} seconds` },
      })
      const job = resolveJob(spec, {})
      const inputTimes: number[] = []
      const refresh = {
        ...base.work.refresh,
        plan: (context: PlanContext) => {
          inputTimes.push(context.inputs.get(INPUT)?.fetchedAt ?? 0)
          return base.work.refresh.plan(context)
        },
      }
      const reader = { ...base.work, job, refresh }
      const machines = taskMachines(reader)
      const submitted = submitEvents([job], submitPorts(reader, base.store, machines))
      let calls = 0
      base.script(async ({ url }) => {
        await clock.sleep(takes[calls++ % takes.length] as number)
        return { status: 200, body: priceBody(url, calls, Math.floor(clock.now())) }
      })
      const ends: Promise<unknown>[] = []
      const begun = new Set<string>()
      const invoke = async (event: object) => {
        if (mode === 'plain') return run(parseRunRequest(event, job, clock.now()), reader)
        for (const { run: id = '' } of await submitted(event)) {
          if (!machines.started.includes(id) || begun.has(id)) continue
          begun.add(id)
          await machines.run(id)
        }
        return undefined
      }
      const later = async (afterMs: number, event: object) => {
        await clock.sleep(afterMs)
        await invoke(event)
      }
      let deliveries = 0
      const isDelivered = new Set<string>()
      base.work.ports.bus.publish = async (event: BusEvent) => {
        if (event.type !== 'dataset.refreshed' || event.detail.job !== INPUT) return
        for (const afterMs of copies[deliveries++ % copies.length] as number[]) {
          isDelivered.add(event.detail.runId)
          const envelope = { id: `e${ends.length}`, source: 'freshet', 'detail-type': event.type }
          const time = new Date(Math.floor(clock.now() + afterMs)).toISOString()
          ends.push(later(afterMs, { ...envelope, time, detail: event.detail }))
        }
      }
      for (const [index, afterMs] of ticks.entries()) {
        const tick = { job: job.id, tick: new Date(START + index * SECOND).toISOString() }
        ends.push(later(afterMs, tick))
      }

      const published: string[] = []
      for (const [index, afterMs] of inputs.entries()) {
        await clock.sleep(afterMs)
        const { id, status } = await run({ cause: 'tick', tick: START + index * SECOND }, base.work)
        if (status === 'succeeded') published.push(id)
      }
      for (let count = -1; count !== ends.length; ) {
        count = ends.length
        await Promise.all(ends)
      }

      const followed = [...base.store.memory.runs.values()].filter(({ input }) => input !== undefined)
      const effective = followed.filter(({ status }) => status !== 'skipped').map(({ input }) => input)
      expect(new Set(followed.map(({ input }) => input)).size).toBe(followed.length)
      expect(effective.every((input) => isDelivered.has(input ?? ''))).toBe(true)
      for (const { status } of followed) expect(['succeeded', 'unchanged', 'skipped']).toContain(status)
      const head = await base.store.snapshots.head(INPUT, 'all')
      if (isDelivered.has(published.at(-1) ?? '')) expect(Math.max(...inputTimes)).toBe(head?.fetchedAt)
    }),
    { numRuns: runs(150, 50) },
  )
}, 60_000)
