import { ulid } from 'ulid'
import { beforeEach, describe, expect, it } from 'vitest'
import { compress } from '#shared/domain/codec.ts'
import type { OperatorStore } from '#shared/domain/ports/store.ts'
import type { WatchState } from '#shared/domain/records/job-state.ts'
import type { RunStatistics } from '#shared/domain/records/run-statistics.ts'
import { versionOf } from '#shared/domain/records/snapshot.ts'
import { sampleEntry, sampleHead, sampleItem, sampleRun, T0 } from '#test/fakes/store/samples.ts'

const HOUR = 3_600_000
const JOB = { kind: 'job' } as const

const removal = (fence: number) => ({ fence, until: T0 + 24 * HOUR })

/** What every store promises. `make` gives an empty one. */
export function storeContract(make: () => Promise<OperatorStore>): void {
  let store: OperatorStore
  beforeEach(async () => {
    store = await make()
  })

  describe('items', () => {
    it('come back as they were written', async () => {
      const item = sampleItem({ invalidatedAt: T0 + 1 })

      const result = await store.items.put('job-one', item, T0)

      expect(result).toEqual({ written: true })
      expect(await store.items.get('job-one', item.key)).toEqual(item)
      expect(await store.items.get('job-one', item.key, { consistent: true })).toEqual(item)
    })

    it('are absent where nothing was written, and for another job', async () => {
      await store.items.put('job-one', sampleItem(), T0)

      expect(await store.items.get('job-one', 'other')).toBeUndefined()
      expect(await store.items.get('job', sampleItem().key)).toBeUndefined()
    })

    it('are not replaced by a lower fence: a slower, older run loses (F36)', async () => {
      const newer = sampleItem({ fence: 7, etag: 'newer' })
      await store.items.put('job-one', newer, T0)

      const result = await store.items.put('job-one', sampleItem({ fence: 6, etag: 'older' }), T0)

      expect(result).toEqual({ written: false, stored: newer })
      expect(await store.items.get('job-one', newer.key)).toEqual(newer)
    })

    it('are not replaced by an older asOf under a higher fence (I1)', async () => {
      const stored = sampleItem({ fence: 1, asOf: T0 })
      await store.items.put('job-one', stored, T0)

      const result = await store.items.put('job-one', sampleItem({ fence: 2, asOf: T0 - 1 }), T0)

      expect(result).toEqual({ written: false, stored })
    })

    it('are replaced by an older asOf under a higher fence where it is derived, never under a lower one', async () => {
      const stored = sampleItem({ fence: 3, asOf: T0 })
      await store.items.put('job-one', stored, T0)
      const older = sampleItem({ fence: 4, asOf: T0 - HOUR, etag: 'older' })
      const late = sampleItem({ fence: 2, asOf: T0, etag: 'late' })

      expect(await store.items.put('job-one', late, T0, { anyAsOf: true })).toEqual({
        written: false,
        stored,
      })
      expect(await store.items.put('job-one', older, T0, { anyAsOf: true })).toEqual({ written: true })
      expect(await store.items.get('job-one', older.key)).toEqual(older)
    })

    it('keep the memory of the job beside the body, until an item without one replaces them', async () => {
      const memory = new Uint8Array(compress('[1,2,3]'))
      const stored = sampleItem({ fence: 1, memory })
      await store.items.put('job-one', stored, T0)
      expect(await store.items.get('job-one', stored.key)).toEqual(stored)

      const confirmed = { ...stored, fence: 2, checkedAt: T0 + 1_000 }
      expect(await store.items.confirm('job-one', confirmed)).toEqual({ written: true })
      const many = await store.items.getMany('job-one', [stored.key])
      expect(many.get(stored.key)?.memory).toEqual(memory)

      const { memory: _, ...bare } = sampleItem({ fence: 3, etag: 'bare' })
      await store.items.put('job-one', bare, T0)
      expect(await store.items.get('job-one', stored.key)).toEqual(bare)
    })

    it('are replaced by a higher fence', async () => {
      await store.items.put('job-one', sampleItem({ fence: 1 }), T0)
      const next = sampleItem({ fence: 2, etag: 'next' })

      expect(await store.items.put('job-one', next, T0)).toEqual({ written: true })
      expect(await store.items.get('job-one', next.key)).toEqual(next)
    })

    it('count as written when the same fence has written before: the answer was lost, not the write', async () => {
      const item = sampleItem({ fence: 3 })
      await store.items.put('job-one', item, T0)

      expect(await store.items.put('job-one', item, T0)).toEqual({ written: true })
      expect(await store.items.confirm('job-one', item)).toEqual({ written: true })
    })

    it('count as absent once expired, whatever their fence: clearance lags by days', async () => {
      await store.items.put('job-one', sampleItem({ fence: 9, expiresAt: T0 + 1_000 }), T0)
      const next = sampleItem({ fence: 1, asOf: T0 - HOUR, etag: 'second' })

      expect(await store.items.put('job-one', next, T0 + 1_000)).toEqual({ written: true })
      expect((await store.items.get('job-one', next.key))?.etag).toBe('second')
    })

    it.each([
      ['a check in the future', { checkedAt: T0 + HOUR }],
      ['a publication in the future', { fetchedAt: T0 + HOUR }],
      ['a source time years ahead', { asOf: T0 + 3 * 365 * 24 * HOUR }],
      ['a negative time', { asOf: -1 }],
      ['freshness for years', { freshUntil: T0 + 3 * 365 * 24 * HOUR }],
      ['a publication long after the check', { checkedAt: T0 - 5 * HOUR }],
      ['an impossible fence', { fence: 9.5 }],
      ['an entity tag that no header can contain', { etag: 'a\nb' }],
    ])('with %s are absent, and replaced whatever their fence and source time (F59)', async (_what, flaw) => {
      const flawed = sampleItem({ fence: 9, asOf: T0, ...flaw })
      await store.items.put('job-one', flawed, T0)
      const stored = await store.items.get('job-one', flawed.key)
      const many = await store.items.getMany('job-one', [flawed.key])

      const next = sampleItem({ fence: 2, asOf: T0 - HOUR, etag: 'next' })
      const written = await store.items.put('job-one', next, T0)

      expect({ stored, many: many.size, written }).toEqual({
        stored: undefined,
        many: 0,
        written: { written: true },
      })
      expect(await store.items.get('job-one', next.key)).toEqual(next)
    })

    it('that are expired are absent', async () => {
      await store.items.put('job-one', sampleItem({ expiresAt: T0 }), T0 - HOUR)

      expect(await store.items.get('job-one', sampleItem().key)).toBeUndefined()
      expect((await store.items.getMany('job-one', [sampleItem().key])).size).toBe(0)
    })

    it('keep body and publication time when confirmed, and advance the other times and the fence', async () => {
      const stored = sampleItem()
      await store.items.put('job-one', stored, T0)
      const times = {
        checkedAt: T0 + 1_000,
        freshUntil: T0 + 2_000,
        staleUntil: T0 + 3_000,
        expiresAt: T0 + 4_000,
      }

      const confirmed = { ...stored, ...times, fence: 2, fetchedAt: T0 + 9, body: new Uint8Array([1]) }
      expect(await store.items.confirm('job-one', confirmed)).toEqual({ written: true })

      expect(await store.items.get('job-one', stored.key)).toEqual({ ...stored, ...times, fence: 2 })
    })

    it('are confirmed neither when another body is stored, nor when nothing is', async () => {
      const missing = await store.items.confirm('job-one', sampleItem())
      const stored = sampleItem({ etag: 'other', fence: 1 })
      await store.items.put('job-one', stored, T0)
      const other = await store.items.confirm('job-one', sampleItem({ etag: 'mine', fence: 2 }))

      expect(missing).toEqual({ written: false, stored: undefined })
      expect(other).toEqual({ written: false, stored })
    })

    it('are read many at a time, more than one batch, absent ones left out', async () => {
      const keys = Array.from({ length: 130 }, (_, index) => `K${index}`)
      await Promise.all(keys.slice(0, 120).map((key) => store.items.put('job-one', sampleItem({ key }), T0)))

      const items = await store.items.getMany('job-one', keys)

      expect([...items.keys()].sort()).toEqual(keys.slice(0, 120).sort())
      expect(items.get('K119')).toEqual(sampleItem({ key: 'K119' }))
    })

    it('let one of many concurrent writers of one fence each win: the highest', async () => {
      const writes = Array.from({ length: 20 }, (_, index) =>
        store.items.put('job-one', sampleItem({ fence: index + 1, etag: `e${index + 1}` }), T0),
      )

      const results = await Promise.all(writes)

      expect(results.at(-1)).toEqual({ written: true })
      expect((await store.items.get('job-one', sampleItem().key))?.etag).toBe('e20')
    })
  })

  describe('snapshots', () => {
    it('come back whole and in order', async () => {
      const entries = ['AAA', 'BBB'].map((key) => sampleEntry(key))

      const result = await store.snapshots.publish('job-one', sampleHead(), entries, undefined, T0)

      const head = await store.snapshots.head('job-one', 'all')
      expect(result).toEqual({ written: true })
      expect(head).toMatchObject(sampleHead())
      expect(head && (await store.snapshots.entries('job-one', head))).toEqual(entries)
    })

    it('keep the old set for readers when a lower fence comes late', async () => {
      const entries = [sampleEntry('NEW')]
      await store.snapshots.publish('job-one', sampleHead({ fence: 5, version: '5' }), entries, undefined, T0)

      const late = sampleHead({ fence: 4, version: '4' })
      const result = await store.snapshots.publish('job-one', late, [sampleEntry('OLD')], 3, T0)

      const head = await store.snapshots.head('job-one', 'all', { consistent: true })
      expect(result).toEqual({ written: false, fence: 5 })
      expect(head && (await store.snapshots.entries('job-one', head))).toEqual(entries)
    })

    it('are flipped over the head they were made from, and over no other', async () => {
      const publish = (fence: number, over: number | undefined) =>
        store.snapshots.publish(
          'job-one',
          sampleHead({ fence, version: `${fence}` }),
          [sampleEntry('A')],
          over,
          T0,
        )

      const first = await publish(2, undefined)
      const unseen = await publish(3, undefined)
      const elder = await publish(4, 1)
      const afterSecond = await publish(5, 2)
      const again = await publish(5, 2)

      expect({ first, unseen, elder, afterSecond, again }).toEqual({
        first: { written: true },
        unseen: { written: false, fence: 2 },
        elder: { written: false, fence: 2 },
        afterSecond: { written: true },
        again: { written: true },
      })
    })

    it('are flipped over an expired head, whatever its fence', async () => {
      const expired = sampleHead({ fence: 9, version: '9', expiresAt: T0 + 1_000 })
      await store.snapshots.publish('job-one', expired, [sampleEntry('A')], undefined, T0)

      const next = sampleHead({ fence: 1, version: '1' })
      const result = await store.snapshots.publish('job-one', next, [sampleEntry('B')], undefined, T0 + 1_000)

      expect(result).toEqual({ written: true })
    })

    it.each([
      ['a check in the future', { checkedAt: T0 + HOUR }],
      ['a confirmation in the future', { confirmedAt: T0 + HOUR }],
      ['no page', { count: -1 }],
      ['a summary that is not JSON', { summary: '{"pool":' }],
    ])('with %s are absent, and replaced whatever their fence (F59)', async (_what, flaw) => {
      const flawed = sampleHead({ fence: 9, version: '9', ...flaw })
      await store.snapshots.publish('job-one', flawed, [sampleEntry('A')], undefined, T0)
      const stored = await store.snapshots.head('job-one', 'all')

      const next = sampleHead({ fence: 2, version: '2' })
      const written = await store.snapshots.publish('job-one', next, [sampleEntry('B')], undefined, T0)

      expect({ stored, written }).toEqual({ stored: undefined, written: { written: true } })
      expect((await store.snapshots.head('job-one', 'all'))?.fence).toBe(2)
    })

    it('that are expired are absent', async () => {
      const expired = sampleHead({ expiresAt: T0 })
      await store.snapshots.publish('job-one', expired, [sampleEntry('A')], undefined, T0 - HOUR)

      expect(await store.snapshots.head('job-one', 'all')).toBeUndefined()
    })

    it('leave out an entry that cannot be believed, and keep the others (F59)', async () => {
      const entries = [
        sampleEntry('A', { checkedAt: T0 + HOUR }),
        sampleEntry('B'),
        sampleEntry('C', { asOf: -1 }),
      ]
      await store.snapshots.publish('job-one', sampleHead(), entries, undefined, T0)

      const head = await store.snapshots.head('job-one', 'all')

      expect(head && (await store.snapshots.entries('job-one', head))).toEqual([sampleEntry('B')])
    })

    it('keep how long an entry is fresh by itself, until a confirmation without it', async () => {
      const ageLimit = { freshForMs: HOUR, maxAsOfAgeMs: 2 * HOUR }
      await store.snapshots.publish('job-one', sampleHead({ ageLimit }), [sampleEntry('A')], undefined, T0)
      const head = await store.snapshots.head('job-one', 'all')
      if (!head) throw new Error('expected a head')

      const { ageLimit: _ageLimit, ...without } = head
      await store.snapshots.confirm('job-one', { ...without, fence: 2 })

      expect(head.ageLimit).toEqual(ageLimit)
      expect((await store.snapshots.head('job-one', 'all'))?.ageLimit).toBeUndefined()
    })

    it('are confirmed without new pages', async () => {
      await store.snapshots.publish('job-one', sampleHead(), [sampleEntry('AAA')], undefined, T0)
      const head = await store.snapshots.head('job-one', 'all')
      if (!head) throw new Error('expected a head')

      const confirmed = { ...head, checkedAt: T0 + 60_000, freshUntil: T0 + 2 * HOUR, fence: 2 }
      expect(await store.snapshots.confirm('job-one', confirmed)).toEqual({ written: true })

      const after = await store.snapshots.head('job-one', 'all')
      expect(after).toEqual({ ...confirmed, confirmedAt: T0 + 60_000 })
      expect(after && (await store.snapshots.entries('job-one', after))).toEqual([sampleEntry('AAA')])
    })

    it('are not confirmed under another version or a lower fence', async () => {
      await store.snapshots.publish(
        'job-one',
        sampleHead({ fence: 3, version: '3' }),
        [sampleEntry('AAA')],
        undefined,
        T0,
      )
      const head = await store.snapshots.head('job-one', 'all')
      if (!head) throw new Error('expected a head')

      const refused = { written: false, fence: 3 }
      expect(await store.snapshots.confirm('job-one', { ...head, fence: 4, version: '2' })).toEqual(refused)
      expect(await store.snapshots.confirm('job-one', { ...head, fence: 2 })).toEqual(refused)
    })

    it('hold a thousand entries', async () => {
      const entries = Array.from({ length: 1_000 }, (_, index) =>
        sampleEntry(`K${String(index).padStart(4, '0')}`),
      )
      await store.snapshots.publish('job-one', sampleHead({ count: 1_000 }), entries, undefined, T0)

      const head = await store.snapshots.head('job-one', 'all')

      expect(head && (await store.snapshots.entries('job-one', head))).toEqual(entries)
    })
  })

  describe('runs', () => {
    it('are opened once: the second opener gets the first record', async () => {
      const first = sampleRun()

      expect(await store.runs.open(first)).toEqual({ opened: true })
      expect(await store.runs.open(sampleRun({ owner: 'owner-2' }))).toEqual({ opened: false, stored: first })
      expect(await store.runs.open(first)).toEqual({ opened: true })
    })

    it('are opened by exactly one of many at once (F23)', async () => {
      const owners = Array.from({ length: 20 }, (_, index) => `owner-${index}`)

      const opened = await Promise.all(owners.map((owner) => store.runs.open(sampleRun({ owner }))))

      expect(opened.filter((one) => one.opened)).toHaveLength(1)
    })

    it('count further deliveries', async () => {
      await store.runs.open(sampleRun())

      await store.runs.countDuplicate('job-one', sampleRun().id, 'second')
      await store.runs.countDuplicate('job-one', sampleRun().id, 'third')
      await store.runs.countDuplicate('job-one', sampleRun().id, 'third')

      expect((await store.runs.get('job-one', sampleRun().id))?.duplicates).toBe(2)
    })

    it('are closed once, by their owner, and keep their duplicates', async () => {
      await store.runs.open(sampleRun())
      await store.runs.countDuplicate('job-one', sampleRun().id, 'fourth')
      const counts = { planned: 1, published: 1, unchanged: 0, superseded: 0, failed: 0 }
      const ended = sampleRun({ status: 'succeeded', endedAt: T0 + 2_000, counts, attempts: 2, fence: 4 })

      const stranger = await store.runs.close({ ...ended, owner: 'owner-2' })
      const closed = await store.runs.close(ended)
      const other = await store.runs.close({ ...ended, status: 'failed' })

      expect({ stranger, closed, other }).toEqual({ stranger: false, closed: true, other: false })
      expect(await store.runs.get('job-one', ended.id)).toEqual({ ...ended, duplicates: 1 })
    })

    it('store how far they have come while they go on, and begin again with another owner', async () => {
      const record = sampleRun()
      const progress = async () => (await store.runs.get('job-one', record.id))?.progress
      await store.runs.open(record)

      await store.runs.addProgress(record, { planned: 9, done: 2, failed: 1 })
      await store.runs.addProgress(record, { planned: 1, done: 3, failed: 0 })
      await store.runs.addProgress({ ...record, owner: 'owner-2' }, { planned: 5, done: 5, failed: 5 })
      const running = await progress()
      const second = sampleRun({ owner: 'owner-2', startedAt: T0 + HOUR, leaseUntil: T0 + 2 * HOUR })
      await store.runs.takeOver(second, { owner: 'owner-1' })
      const afterTakeover = await progress()
      await store.runs.addProgress(second, { planned: 2, done: 5, failed: 3 })
      const repeated = await progress()
      await store.runs.close({ ...second, status: 'unchanged', endedAt: T0 + HOUR + 1 })
      await store.runs.addProgress(second, { planned: 1, done: 1, failed: 1 })

      expect(running).toEqual({ planned: 10, done: 5, failed: 1 })
      expect(afterTakeover).toBeUndefined()
      expect(repeated).toEqual({ planned: 2, done: 2, failed: 2 })
      expect(await progress()).toBeUndefined()
    })

    it('of tasks have the number of planned requests before any of them has ended', async () => {
      const task = { params: '{}', deadlineAt: T0 + HOUR, plannedAt: T0 + 1 }
      await store.runs.open(sampleRun({ task: { params: '{}', deadlineAt: T0 + HOUR } }))
      const planned = sampleRun({ task, progress: { planned: 7, done: 0, failed: 0 } })

      await store.runs.advance(planned)
      const atPlan = (await store.runs.get('job-one', planned.id))?.progress
      await store.runs.addProgress(planned, { planned: 0, done: 4, failed: 0 })

      expect(atPlan).toEqual({ planned: 7, done: 0, failed: 0 })
      expect((await store.runs.get('job-one', planned.id))?.progress).toEqual({
        planned: 7,
        done: 4,
        failed: 0,
      })
    })

    it('count as closed when the same owner closed before with the same outcome', async () => {
      await store.runs.open(sampleRun())
      const ended = sampleRun({ status: 'failed', reason: 'timeout', message: 'too slow', endedAt: T0 + 1 })
      await store.runs.close(ended)

      expect(await store.runs.close(ended)).toBe(true)
    })

    it('store since when a task waits for its lease, until it has ended', async () => {
      const task = { params: '{}', deadlineAt: T0 + HOUR }
      const waiting = sampleRun({ task: { ...task, waitingAt: T0 + 1 } })
      await store.runs.open(sampleRun({ task }))

      const noted = await store.runs.advance(waiting)
      const stored = await store.runs.get('job-one', waiting.id)
      await store.runs.close({ ...waiting, status: 'failed', reason: 'cancelled', endedAt: T0 + 2 })
      const late = await store.runs.advance(waiting)

      expect([noted, late]).toEqual([true, false])
      expect(stored?.task).toEqual({ ...task, waitingAt: T0 + 1 })
    })

    it('are taken over from one owner by one other, and never after their end', async () => {
      await store.runs.open(sampleRun())
      const second = sampleRun({ owner: 'owner-2', leaseUntil: T0 + 120_000, duplicates: 1 })
      const third = sampleRun({ owner: 'owner-3' })

      const takeover = await store.runs.takeOver(second, { owner: 'owner-1' })
      const late = await store.runs.takeOver(third, { owner: 'owner-1' })
      const oldOwner = await store.runs.close(sampleRun({ status: 'succeeded' }))
      await store.runs.close({ ...second, status: 'unchanged' })
      const afterEnd = await store.runs.takeOver(third, { owner: 'owner-2' })

      expect({ takeover, late, oldOwner, afterEnd }).toEqual({
        takeover: true,
        late: false,
        oldOwner: false,
        afterEnd: false,
      })
      expect(await store.runs.get('job-one', second.id)).toMatchObject({
        owner: 'owner-2',
        status: 'unchanged',
      })
    })

    it('lose no delivery that is counted while another one takes over', async () => {
      const lapsed = sampleRun()
      await store.runs.open(lapsed)
      await store.runs.countDuplicate('job-one', lapsed.id, 'second')

      await store.runs.takeOver(sampleRun({ owner: 'owner-2' }), { owner: 'owner-1' })
      await store.runs.takeOver(sampleRun({ owner: 'owner-2' }), { owner: 'owner-1' })

      expect((await store.runs.get('job-one', lapsed.id))?.duplicates).toBe(2)
    })

    it('are listed newest first, ticks and others together, within a span and a limit', async () => {
      const tick = (at: number) =>
        sampleRun({
          id: `job-one-${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`,
          tick: at,
          startedAt: at,
        })
      const { tick: _tick, ...operator } = sampleRun({
        id: 'job-one-01KAGX4F80RRRRRRRRRRRRRRRR',
        cause: 'operator',
      })
      const free = { ...operator, startedAt: Date.UTC(2026, 10, 20, 12, 30) }
      const { encodeTime } = await import('ulid')
      const freeRun = { ...free, id: `job-one-${encodeTime(free.startedAt, 10)}RRRRRRRRRRRRRRRR` }
      for (const run of [tick(T0), tick(T0 + HOUR), tick(T0 + 2 * HOUR), freeRun]) await store.runs.open(run)

      const some = await store.runs.list('job-one', { from: T0, to: T0 + HOUR, limit: 10 })
      const one = await store.runs.list('job-one', { from: T0, to: T0 + 3 * HOUR, limit: 1 })

      expect(some.map((run) => run.startedAt)).toEqual([T0 + HOUR, free.startedAt, T0])
      expect(one.map((run) => run.startedAt)).toEqual([T0 + 2 * HOUR])
    })
  })

  describe('states', () => {
    const lease = (owner: string) => ({ owner, until: T0 + 60_000 })
    const statistics: RunStatistics = {
      total: { runs: 3, failed: 1, mostlyFailed: 0, durationMs: 4_500 },
      hours: {
        newest: 498_756,
        rows: [
          [2, 1, 4, 1_500],
          [0, 0, 0, 0],
          [1, 0, 0, 2_000],
        ],
      },
      durations: [1_500, 1_000, 2_000],
    }

    it('of an unknown job have fence 0', async () => {
      expect(await store.states.get('job-one')).toEqual({ fence: 0, consecutiveFailures: 0 })
    })

    it('give the lease to one of many at once', async () => {
      const owners = Array.from({ length: 20 }, (_, index) => `owner-${index}`)

      const claims = await Promise.all(
        owners.map((owner) => store.states.acquire('job-one', JOB, lease(owner), T0)),
      )

      expect(claims.filter((one) => 'fence' in one)).toHaveLength(1)
      expect(claims.filter((one) => 'leasedUntil' in one && one.leasedUntil === T0 + 60_000)).toHaveLength(19)
    })

    it('give each holder a higher fence, of the job and of its keys alike (I4)', async () => {
      const fences: unknown[] = []
      for (const key of ['A', 'B']) {
        fences.push(await store.states.acquire('job-one', { kind: 'key', key }, lease(`owner-${key}`), T0))
      }
      fences.push(await store.states.acquire('job-one', JOB, lease('owner-1'), T0))
      fences.push(await store.states.acquire('job-one', JOB, lease('owner-1'), T0))

      expect(fences).toEqual([{ fence: 1 }, { fence: 2 }, { fence: 3 }, { fence: 4 }])
    })

    it('give a lapsed lease to the next owner, and refuse a key that is leased', async () => {
      const key = { kind: 'key', key: 'A' } as const
      await store.states.acquire('job-one', JOB, lease('owner-1'), T0)
      await store.states.acquire('job-one', key, lease('owner-1'), T0)

      const job = await store.states.acquire(
        'job-one',
        JOB,
        { owner: 'owner-2', until: T0 + 120_000 },
        T0 + 60_000,
      )
      const refused = await store.states.acquire('job-one', key, lease('owner-2'), T0 + 1)

      expect(job).toEqual({ fence: 3 })
      expect(refused).toEqual({ leasedUntil: T0 + 60_000 })
    })

    it('take a summary with the release, and count failures in a row', async () => {
      const lastRun = { id: 'job-one-1', status: 'succeeded', endedAt: T0 } as const
      const summary = {
        lastRun,
        lastTick: T0,
        lastSuccessAt: T0,
        freshUntil: T0 + HOUR,
        health: 'success',
      } as const
      const failed = {
        lastRun: { ...lastRun, status: 'failed', reason: 'timeout' },
        health: 'failure',
      } as const
      const runs = [failed, failed, summary, failed]
      const failures: number[] = []
      for (const each of runs) {
        await store.states.acquire('job-one', JOB, lease('owner-1'), T0)
        await store.states.release('job-one', JOB, 'owner-1', each)
        failures.push((await store.states.get('job-one')).consecutiveFailures)
      }

      expect(failures).toEqual([1, 2, 0, 1])
      expect(await store.states.get('job-one')).toEqual({
        fence: 4,
        consecutiveFailures: 1,
        lastRun: failed.lastRun,
        lastTick: T0,
        lastSuccessAt: T0,
        freshUntil: T0 + HOUR,
      })
    })

    it('take figures with the release, give them with the next lease on the job, and keep them where none come', async () => {
      const ended = { lastRun: { id: 'job-one-1', status: 'succeeded', endedAt: T0 } } as const
      await store.states.acquire('job-one', JOB, lease('owner-1'), T0)
      await store.states.release('job-one', JOB, 'owner-1', { ...ended, statistics })

      const key = await store.states.acquire('job-one', { kind: 'key', key: 'A' }, lease('owner-2'), T0)
      const job = await store.states.acquire('job-one', JOB, lease('owner-3'), T0)
      await store.states.release('job-one', JOB, 'owner-3', ended)

      expect(key).toEqual({ fence: 2 })
      expect(job).toEqual({ fence: 3, statistics })
      expect((await store.states.get('job-one')).statistics).toEqual(statistics)
    })

    it('take no statistics from a run that lost the lease', async () => {
      await store.states.acquire('job-one', JOB, lease('owner-1'), T0)
      await store.states.acquire('job-one', JOB, { owner: 'owner-2', until: T0 + 120_000 }, T0 + 60_000)

      await store.states.release('job-one', JOB, 'owner-1', {
        lastRun: { id: 'x', status: 'failed', endedAt: T0 },
        statistics,
      })

      expect((await store.states.get('job-one')).statistics).toBeUndefined()
    })

    it('take nothing from a run that lost the lease (F37)', async () => {
      await store.states.acquire('job-one', JOB, lease('owner-1'), T0)
      await store.states.acquire('job-one', JOB, { owner: 'owner-2', until: T0 + 120_000 }, T0 + 60_000)

      await store.states.release('job-one', JOB, 'owner-1', {
        lastRun: { id: 'x', status: 'failed', endedAt: T0 },
        health: 'failure',
      })

      const state = await store.states.get('job-one')
      expect(state).toEqual({
        fence: 2,
        consecutiveFailures: 0,
        lease: { owner: 'owner-2', until: T0 + 120_000 },
      })
    })

    it('free a key when its lease is released', async () => {
      const key = { kind: 'key', key: 'A' } as const
      await store.states.acquire('job-one', key, lease('owner-1'), T0)
      await store.states.release('job-one', key, 'owner-1', undefined)

      expect(await store.states.acquire('job-one', key, lease('owner-2'), T0)).toEqual({ fence: 2 })
    })

    it('remember since when data are missing, until they are published', async () => {
      await store.states.setMissingSince('job-one', T0)
      await store.states.setMissingSince('job-one', T0 + HOUR)
      const missing = await store.states.get('job-one')
      await store.states.acquire('job-one', JOB, lease('owner-1'), T0)
      await store.states.release('job-one', JOB, 'owner-1', {
        lastRun: { id: 'x', status: 'succeeded', endedAt: T0 },
        freshUntil: T0 + HOUR,
        health: 'success',
      })

      expect(missing.missingSince).toBe(T0)
      expect((await store.states.get('job-one')).missingSince).toBeUndefined()
    })

    it('store the state of the watchdog, and replace it', async () => {
      const schedule = 'cron(0 * * * ? *) UTC'
      const whole: WatchState = {
        checkedUntil: T0,
        schedule,
        hours: {
          newest: 498_756,
          rows: [
            [1, 2, 60_000],
            [0, 0, 0],
          ],
        },
        missed: { tick: T0 - HOUR, at: T0 },
        abandonedAt: T0 - 1,
        taskFailedAt: T0 - 3,
        taskTimedOutAt: T0 - 4,
        coolingSince: T0 - 2,
        conditions: ['missed-ticks', 'freshness'],
      }
      await store.states.setWatchState('job-one', whole)
      const first = await store.states.get('job-one')
      await store.states.setWatchState('job-one', { checkedUntil: T0 + HOUR, schedule })

      expect(first.watchState).toEqual(whole)
      expect((await store.states.get('job-one')).watchState).toEqual({ checkedUntil: T0 + HOUR, schedule })
    })

    it('store the latest revision of a pause and of overrides, in whatever order they arrive', async () => {
      await store.states.setPublicControl('job-one', { revision: 2, pausedUntil: T0 + HOUR })
      await store.states.setPublicControl('job-one', { revision: 1 })
      await store.states.setPublicControl('job-one', { revision: 2, pausedUntil: T0 })
      const paused = await store.states.get('job-one')
      await store.states.setPublicControl('job-one', { revision: 3 })
      const resumed = await store.states.get('job-one')
      await store.states.setPublicControl('job-one', {
        revision: 4,
        intervalMs: HOUR,
        itemCount: 2,
        itemKeys: ['a', 'b ✓'],
      })
      const overridden = await store.states.get('job-one')
      await store.states.setPublicControl('job-one', { revision: 5, pausedUntil: T0, itemCount: 2 })
      const both = await store.states.get('job-one')

      expect(paused).toMatchObject({ fence: 0, control: { revision: 2, pausedUntil: T0 + HOUR } })
      expect(resumed.control).toEqual({ revision: 3 })
      expect(overridden.control).toEqual({
        revision: 4,
        intervalMs: HOUR,
        itemCount: 2,
        itemKeys: ['a', 'b ✓'],
      })
      expect(both.control).toEqual({ revision: 5, pausedUntil: T0, itemCount: 2 })
    })

    it('know nothing to be fresh after a purge, until the whole plan has succeeded', async () => {
      const published = { lastRun: { id: 'x', status: 'succeeded', endedAt: T0 }, health: 'success' } as const
      const release = async (freshUntil: number) => {
        await store.states.acquire('job-one', JOB, lease('owner-1'), T0)
        await store.states.release('job-one', JOB, 'owner-1', { ...published, freshUntil })
      }
      await release(T0 + HOUR)

      await store.states.setPurged('job-one', T0 + 1)
      const purged = await store.states.get('job-one')
      await release(T0 + 2 * HOUR)
      const again = await store.states.get('job-one')

      expect(purged).toMatchObject({ missingSince: T0 + 1, lastRun: { id: 'x' } })
      expect(purged.freshUntil).toBeUndefined()
      expect(again.freshUntil).toBe(T0 + 2 * HOUR)
      expect(again.missingSince).toBeUndefined()
    })

    it('remember how far ticks are accounted for, and survive skips that are only counted', async () => {
      await store.states.setWatchState('job-one', { checkedUntil: T0, schedule: 'cron(0 * * * ? *) UTC' })
      await store.states.countSkip('job-one')

      const state = await store.states.get('job-one')
      expect(state.watchState).toEqual({ checkedUntil: T0, schedule: 'cron(0 * * * ? *) UTC' })
      expect(state.fence).toBe(0)
    })
  })

  describe('what an operator takes back', () => {
    it('an item is marked stale if it was checked before, and a newer check is not touched', async () => {
      await store.items.put('job-one', sampleItem({ key: 'A', checkedAt: T0 }), T0)

      expect(await store.items.invalidate('job-one', 'A', T0)).toBe(false)
      expect(await store.items.invalidate('job-one', 'A', T0 + 1)).toBe(true)
      expect(await store.items.invalidate('job-one', 'B', T0 + 1)).toBe(false)

      expect((await store.items.get('job-one', 'A', { consistent: true }))?.invalidatedAt).toBe(T0 + 1)
      expect(await store.items.get('job-one', 'B', { consistent: true })).toBeUndefined()
    })

    it('an item published again is no longer marked', async () => {
      await store.items.put('job-one', sampleItem({ key: 'A' }), T0)
      await store.items.invalidate('job-one', 'A', T0 + 1)

      await store.items.put('job-one', sampleItem({ key: 'A', fence: 2, checkedAt: T0 + 2 }), T0 + 2)

      expect((await store.items.get('job-one', 'A', { consistent: true }))?.invalidatedAt).toBeUndefined()
    })

    it('an item, a rejected body and a set are gone when they are removed, and nothing else is', async () => {
      await store.items.put('job-one', sampleItem({ key: 'A' }), T0)
      await store.items.put('job-one', sampleItem({ key: 'B' }), T0)
      const entries = ['A', 'B'].map((key) => sampleEntry(key))
      await store.snapshots.publish('job-two', sampleHead(), entries, undefined, T0)

      expect(await store.items.remove('job-one', 'A', removal(2))).toBe(true)
      expect(await store.snapshots.remove('job-two', 'all', removal(2))).toBe(true)

      expect((await store.items.getMany('job-one', ['A', 'B'])).keys().toArray()).toEqual(['B'])
      expect(await store.snapshots.head('job-two', 'all', { consistent: true })).toBeUndefined()
      expect(await store.snapshots.entries('job-two', { ...sampleHead(), pages: 1 })).toBeUndefined()
    })

    it('what was removed is refused to runs of lower fences, and open to higher ones', async () => {
      await store.items.put('job-one', sampleItem({ key: 'A' }), T0)
      await store.items.remove('job-one', 'A', removal(5))
      await store.items.remove('job-one', 'B', removal(5))
      const purged = { written: false, stored: undefined, isPurged: true }

      expect(await store.items.put('job-one', sampleItem({ key: 'A', fence: 4 }), T0)).toEqual(purged)
      expect(await store.items.put('job-one', sampleItem({ key: 'B', fence: 4 }), T0)).toEqual(purged)
      expect(await store.items.confirm('job-one', sampleItem({ key: 'A', fence: 4 }))).toMatchObject({
        written: false,
      })
      expect(await store.items.invalidate('job-one', 'A', T0 + 1)).toBe(false)
      expect(await store.items.get('job-one', 'A', { consistent: true })).toBeUndefined()
      expect((await store.items.getMany('job-one', ['A', 'B'])).size).toBe(0)

      const next = sampleItem({ key: 'A', fence: 6 })
      expect(await store.items.put('job-one', next, T0)).toEqual({ written: true })
      expect(await store.items.get('job-one', 'A', { consistent: true })).toEqual(next)
    })

    it('a removed set is refused to runs of lower fences, and open to higher ones that have read its fence', async () => {
      await store.snapshots.remove('job-one', 'all', removal(5))
      const older = sampleHead({ fence: 4, version: versionOf(4) })
      const newer = sampleHead({ fence: 6, version: versionOf(6) })
      const entries = ['A', 'B'].map((key) => sampleEntry(key))

      const refused = { written: false, fence: 5 }
      expect(await store.snapshots.publish('job-one', older, entries, undefined, T0)).toEqual(refused)
      expect(await store.snapshots.publish('job-one', older, entries, 5, T0)).toEqual(refused)
      expect(await store.snapshots.publish('job-one', newer, entries, undefined, T0)).toEqual(refused)
      expect(await store.snapshots.head('job-one', 'all', { consistent: true })).toBeUndefined()

      expect(await store.snapshots.publish('job-one', newer, entries, 5, T0)).toEqual({ written: true })
      expect(await store.snapshots.remove('job-one', 'all', removal(5))).toBe(false)
      expect(await store.snapshots.entries('job-one', { ...newer, pages: 1 })).toHaveLength(2)
    })

    it('what has a higher fence is not removed', async () => {
      await store.items.put('job-one', sampleItem({ key: 'A', fence: 6 }), T0)

      expect(await store.items.remove('job-one', 'A', removal(5))).toBe(false)

      expect(await store.items.get('job-one', 'A', { consistent: true })).toMatchObject({ fence: 6 })
    })

    it('a set is marked stale as a whole', async () => {
      await store.snapshots.publish('job-one', sampleHead(), [sampleEntry('A')], undefined, T0)

      expect(await store.snapshots.invalidate('job-one', 'all', T0 + 1)).toBe(true)

      expect((await store.snapshots.head('job-one', 'all', { consistent: true }))?.invalidatedAt).toBe(T0 + 1)
    })
  })

  it('the end of a run for a cold read belongs to its key, or to the whole job', async () => {
    await store.states.setColdEnd('job-one', 'A ✓', { runId: 'job-one-1', endedAt: T0 })
    await store.states.setColdEnd('job-one', undefined, {
      runId: 'job-one-2',
      endedAt: T0 + 1,
      cause: 'auth',
    })

    expect(await store.states.getColdEnd('job-one', 'A ✓')).toEqual({ runId: 'job-one-1', endedAt: T0 })
    expect(await store.states.getColdEnd('job-one', undefined)).toEqual({
      runId: 'job-one-2',
      endedAt: T0 + 1,
      cause: 'auth',
    })
    expect(await store.states.getColdEnd('job-one', 'B')).toBeUndefined()
    expect(await store.states.getColdEnd('job-two', undefined)).toBeUndefined()
  })

  describe('keys', () => {
    it('are a set, listed in order', async () => {
      expect(await store.keys.list('job-one')).toEqual([])

      const adding = [store.keys.add('job-one', ['B', 'A'], 1), store.keys.add('job-one', ['A', 'C#✓'], 2)]

      expect(await Promise.all(adding)).toEqual([true, true])
      expect(await store.keys.list('job-one')).toEqual(['A', 'B', 'C#✓'])
      expect(await store.keys.list('job-two')).toEqual([])
    })

    it('are removed by a purge, and runs that began before it can list none', async () => {
      await store.keys.add('job-one', ['A', 'B'], 1)

      const purge = await store.keys.startPurge('job-one', 3, { all: true })
      expect(purge.keys).toEqual(['A', 'B'])
      expect(await store.keys.add('job-one', ['A', 'D'], 2)).toBe(false)
      await store.keys.endPurge('job-one', purge, ['A', 'B'])

      expect(await store.keys.list('job-one')).toEqual([])
      expect(await store.keys.add('job-one', ['D'], 2)).toBe(false)
      expect(await store.keys.add('job-one', ['D'], 4)).toBe(true)
      expect(await store.keys.list('job-one')).toEqual(['D'])
    })

    it('that a run lists during a purge stay listed, even one that was listed before', async () => {
      await store.keys.add('job-one', ['A', 'B'], 1)

      const purge = await store.keys.startPurge('job-one', 2, { all: true })
      expect(await store.keys.add('job-one', ['A'], 3)).toBe(true)
      await store.keys.endPurge('job-one', purge, ['A', 'B'])

      expect(await store.keys.list('job-one')).toEqual(['A', 'B'])
    })

    it('stay listed when another purge began before this one ended', async () => {
      await store.keys.add('job-one', ['A', 'B'], 1)

      const first = await store.keys.startPurge('job-one', 2, { all: true })
      const second = await store.keys.startPurge('job-one', 3, { all: false })
      await store.keys.endPurge('job-one', first, ['A', 'B'])
      expect(await store.keys.list('job-one')).toEqual(['A', 'B'])
      await store.keys.endPurge('job-one', second, ['A'])

      expect(await store.keys.list('job-one')).toEqual(['B'])
    })
  })

  describe('controls', () => {
    const whole = {
      revision: 1,
      change: 'first',
      pause: { until: T0 + HOUR, reason: 'the provider moves', by: 'ops' },
      skip: { tick: T0 + 60_000, reason: 'a holiday', by: 'ops' },
      overrides: {
        intervalMs: HOUR,
        toleranceMs: 60_000,
        decidedAt: T0,
        items: ['BTC#USDT ✓', 'ETH'],
        settings: { HAMA_INCLUDE: '示例USDT,ETH', HAMA_EXCLUDE: '' },
      },
    } as const

    it('come back as they were written', async () => {
      expect(await store.controls.get('job-one')).toEqual({ revision: 0 })

      expect(await store.controls.replace('job-one', whole)).toEqual({ written: true })

      expect(await store.controls.get('job-one')).toEqual(whole)
      expect(await store.controls.get('job-two')).toEqual({ revision: 0 })
    })

    it('replace only the state that was read, and recognize a repeated change whose response was lost', async () => {
      await store.controls.replace('job-one', whole)

      expect(await store.controls.replace('job-one', whole)).toEqual({ written: true })
      expect(await store.controls.replace('job-one', { revision: 1, change: 'other' })).toEqual({
        written: false,
        stored: whole,
      })
      expect(await store.controls.replace('job-one', { revision: 2, change: 'resumed' })).toEqual({
        written: true,
      })
      expect(await store.controls.get('job-one')).toEqual({ revision: 2, change: 'resumed' })
    })
  })

  describe('data of operators', () => {
    const record = { revision: 1, change: 'change-1', changedAt: T0, data: [{ symbol: 'AAPL' }] }

    it('are absent before the first change, and then as they were written', async () => {
      expect(await store.operatorRecords.get('positions')).toBeUndefined()

      expect(await store.operatorRecords.replace('positions', record)).toEqual({ written: true })

      expect(await store.operatorRecords.get('positions')).toEqual(record)
      expect(await store.operatorRecords.get('macro-inputs')).toBeUndefined()
    })

    it('are replaced by the next revision only: the second of two operators gets the record of the first', async () => {
      await store.operatorRecords.replace('positions', record)
      const first = { ...record, revision: 2, change: 'change-2', data: [] }
      const second = { ...record, revision: 2, change: 'change-3', data: null }

      expect(await store.operatorRecords.replace('positions', first)).toEqual({ written: true })
      expect(await store.operatorRecords.replace('positions', second)).toEqual({
        written: false,
        stored: first,
      })
      expect(await store.operatorRecords.replace('positions', first)).toEqual({ written: true })
    })

    it('can be erased', async () => {
      await store.operatorRecords.replace('positions', record)
      const erased = { ...record, revision: 2, change: 'change-2', data: null }

      await store.operatorRecords.replace('positions', erased)

      expect(await store.operatorRecords.get('positions')).toEqual(erased)
    })
  })

  describe('keyed triggers', () => {
    const trigger = {
      hash: 'hash-of-the-key',
      requestHash: 'hash-of-the-body',
      runId: 'job-one-01JD8Y6W3V9S2K4N7Q0R5T1XZA',
      createdAt: T0,
      claimedAt: T0,
      isPublished: false,
      expiresAt: T0 + 24 * HOUR,
    }

    it('come back as they were written, until they expire, for their own job alone', async () => {
      expect(await store.operatorClaims.replace('job-one', trigger, undefined, T0)).toEqual({ written: true })

      expect(await store.operatorClaims.get('job-one', trigger.hash, T0)).toEqual(trigger)
      expect(await store.operatorClaims.get('job-one', trigger.hash, trigger.expiresAt)).toBeUndefined()
      expect(await store.operatorClaims.get('job-two', trigger.hash, T0)).toBeUndefined()
      expect(await store.controls.get('job-one')).toEqual({ revision: 0 })
    })

    it('go to the first writer; the others get what that one wrote', async () => {
      await store.operatorClaims.replace('job-one', trigger, undefined, T0)
      const other = { ...trigger, runId: 'job-one-01JD8Y6W3V9S2K4N7Q0R5T1XZB' }

      expect(await store.operatorClaims.replace('job-one', other, undefined, T0)).toEqual({
        written: false,
        stored: trigger,
      })
      expect(await store.operatorClaims.replace('job-one', other, undefined, trigger.expiresAt)).toEqual({
        written: true,
      })
    })

    it('replace only the version that was read, and recognize a repeated write whose response was lost', async () => {
      await store.operatorClaims.replace('job-one', trigger, undefined, T0)
      const again = { ...trigger, claimedAt: T0 + 9_000 }

      expect(await store.operatorClaims.replace('job-one', trigger, undefined, T0)).toEqual({ written: true })
      expect(await store.operatorClaims.replace('job-one', again, trigger, T0)).toEqual({ written: true })
      expect(
        await store.operatorClaims.replace('job-one', { ...trigger, claimedAt: T0 + 9_500 }, trigger, T0),
      ).toEqual({
        written: false,
        stored: again,
      })
      expect(
        await store.operatorClaims.replace('job-one', { ...again, isPublished: true }, again, T0),
      ).toEqual({
        written: true,
      })
    })
  })

  describe('audits', () => {
    const MONTH = 31 * 24 * HOUR
    const entry = (at: number) => ({
      id: ulid(at),
      at,
      actor: 'ops',
      action: 'pause',
      subject: 'job:job-one',
      after: '{"until":1}',
    })

    it('are listed newest first, across months, within a span and up to a limit', async () => {
      const entries = [T0 - 3 * MONTH, T0 - 2 * MONTH, T0 - MONTH, T0 - 1_000, T0].map(entry)
      for (const one of entries) await store.audits.append(one)

      const all = await store.audits.list({ from: T0 - 2 * MONTH, to: T0, limit: 10 })
      const newest = await store.audits.list({ from: 0, to: T0, limit: 2 })

      expect(all).toEqual(entries.slice(1).reverse())
      expect(newest).toEqual(entries.slice(3).reverse())
    })
  })

  describe('records of several kinds', () => {
    const nothing = {
      states: new Map(),
      controls: new Map(),
      upstreams: new Map(),
      runs: new Map(),
      items: new Map(),
    }

    it('come by their names, each as its own store returns it', async () => {
      const run = sampleRun()
      const item = sampleItem()
      await store.items.put('job-one', item, T0)
      await store.runs.open(run)
      await store.states.setInvalidated('job-one', T0)
      await store.controls.replace('job-one', {
        revision: 1,
        change: 'first',
        pause: { until: T0 + HOUR, reason: 'repairs', by: 'ann' },
      })
      await store.upstreams.replace('numbers', {
        revision: 1,
        change: 'first',
        connections: {},
        breaker: { failures: 2 },
      })

      const records = await store.records.getMany({
        jobs: ['job-one'],
        upstreams: ['numbers'],
        runs: [{ job: 'job-one', name: run.id }],
        items: [{ job: 'job-one', name: item.key }],
      })

      expect(records).toEqual({
        states: new Map([['job-one', await store.states.get('job-one')]]),
        controls: new Map([['job-one', await store.controls.get('job-one')]]),
        upstreams: new Map([['numbers', await store.upstreams.get('numbers')]]),
        runs: new Map([[run.id, run]]),
        items: new Map([['job-one', item]]),
      })
    })

    it('that are not stored are those before the first run; runs and items are left out', async () => {
      const records = await store.records.getMany({
        jobs: ['job-one'],
        upstreams: ['numbers'],
        runs: [{ job: 'job-one', name: 'job-one-20261120T120000Z' }],
        items: [{ job: 'job-one', name: 'BTC' }],
      })

      expect(records).toEqual({
        ...nothing,
        states: new Map([['job-one', { fence: 0, consecutiveFailures: 0 }]]),
        controls: new Map([['job-one', { revision: 0 }]]),
        upstreams: new Map([['numbers', { revision: 0, connections: {}, breaker: { failures: 0 } }]]),
      })
    })

    it('are more than one batch of the table, and none of them is lost', async () => {
      const jobs = Array.from({ length: 70 }, (_, index) => `job-${index}`)
      for (const job of jobs) await store.states.setMissingSince(job, T0)

      const { states, controls } = await store.records.getMany({ jobs })

      expect([...states.values()].filter(({ missingSince }) => missingSince === T0)).toHaveLength(70)
      expect(controls.size).toBe(70)
    })

    it('without any name are none', async () => {
      expect(await store.records.getMany({})).toEqual(nothing)
    })
  })

  describe('upstreams', () => {
    const whole = {
      revision: 1,
      change: 'first',
      coolDown: {
        until: T0 + HOUR,
        reason: 'auth',
        since: T0,
        message: 'the key is refused',
        backoffMs: HOUR,
        secretVersion: '7',
      },
      usageCoolDown: { until: T0 + 61_000, used: 4_812 },
      escalation: { failures: 3, coolDownMs: 900_000 },
      due: T0 + 12_400.5,
      connections: {
        'owner-1': { max: 2, until: T0 + 10_000 },
        'owner-2': { max: 0, until: T0, isInteractive: true },
      },
      day: { period: '2026-11-20', calls: 3 },
      month: { period: '2026-11', calls: 99 },
      breaker: { failures: 3, openUntil: T0 + 300_000, probe: { owner: 'owner-1', until: T0 + 9_000 } },
    } as const

    it('come back as they were written', async () => {
      expect(await store.upstreams.get('numbers')).toEqual({
        revision: 0,
        connections: {},
        breaker: { failures: 0 },
      })

      expect(await store.upstreams.replace('numbers', whole)).toEqual({ written: true })

      expect(await store.upstreams.get('numbers')).toEqual(whole)
    })

    it('keep a row of failures that has started no cool-down yet, and lose it with the next state', async () => {
      await store.upstreams.replace('numbers', { ...whole, escalation: { failures: 1 } })
      const started = await store.upstreams.get('numbers')
      const { escalation: _ended, ...rest } = whole
      await store.upstreams.replace('numbers', { ...rest, revision: 2, change: 'second' })

      expect(started.escalation).toEqual({ failures: 1 })
      expect(await store.upstreams.get('numbers')).not.toHaveProperty('escalation')
    })

    it('are changed by one of many at once; the others get what that one wrote', async () => {
      const changes = Array.from({ length: 20 }, (_, index) => ({ ...whole, change: `change-${index}` }))

      const results = await Promise.all(changes.map((to) => store.upstreams.replace('numbers', to)))

      const stored = await store.upstreams.get('numbers')
      const refused = results.filter(({ written }) => !written)
      expect(refused).toHaveLength(19)
      expect(new Set(refused.map((one) => !one.written && one.stored.change))).toEqual(
        new Set([stored.change]),
      )
    })

    it('know a change again whose answer was lost', async () => {
      await store.upstreams.replace('numbers', whole)

      expect(await store.upstreams.replace('numbers', whole)).toEqual({ written: true })
      expect(await store.upstreams.replace('numbers', { ...whole, change: 'other' })).toEqual({
        written: false,
        stored: whole,
      })
    })
  })

  describe('asides', () => {
    it('keep the newest rejected body of a key', async () => {
      const rejected = {
        key: 'A',
        runId: 'r',
        rejectedAt: T0,
        reason: 'rejected',
        message: 'm',
        body: 'b',
        expiresAt: T0 + HOUR,
      } as const
      await store.rejected.put('job-one', rejected)
      await store.rejected.put('job-one', { ...rejected, key: 'ü#', rejectedAt: T0 })
      await store.rejected.put('job-one', { ...rejected, rejectedAt: T0 + 1, value: '{"x":1}' })

      expect(await store.rejected.get('job-one', 'A')).toEqual({
        ...rejected,
        rejectedAt: T0 + 1,
        value: '{"x":1}',
      })
      expect(await store.rejected.get('job-one', 'B')).toBeUndefined()
      expect((await store.rejected.list('job-one')).map(({ key }) => key)).toEqual(
        expect.arrayContaining(['A', 'ü#']),
      )
      await store.rejected.remove('job-one', 'ü#')
      expect((await store.rejected.list('job-one')).map(({ key }) => key)).toEqual(['A'])
    })
  })
}
