import { describe, expect, test } from 'vitest'
import { submitEvents } from '#functions/submit/events.ts'
import { fundingWorld } from '#test/fakes/jobs/funding-world.ts'

const TICK = { job: 'funding-rates', tick: '2026-11-20T15:04:00Z' }

/** As the bus delivers a wish. */
const wish = (detail: object, id = 'e1') => ({
  source: 'freshet',
  'detail-type': 'refresh.requested',
  id,
  time: '2026-11-20T15:04:06Z',
  detail: { job: 'funding-rates', cause: 'stale-read', ...detail },
})

async function door() {
  const base = await fundingWorld()
  return { ...base, deliver: submitEvents([base.job, base.contractsJob], base.ports) }
}

describe('the door of tasks', () => {
  test('makes a task of a tick, the same one however often it is delivered', async () => {
    const { deliver, machines } = await door()

    const first = await deliver(TICK)
    const again = await deliver(TICK)

    expect(first).toEqual([{ status: 'created', run: 'funding-rates-20261120T150400Z' }])
    expect(again).toEqual([{ status: 'repeated', run: 'funding-rates-20261120T150400Z' }])
    expect(machines.started).toEqual(['funding-rates-20261120T150400Z'])
  })

  test('records late ticks as superseded without an execution, in any order; the newest is a task (F26)', async () => {
    const { deliver, machines, store } = await door()
    const at = Date.UTC(2026, 10, 20, 15, 4)
    const order = Array.from({ length: 50 }, (_, index) => at - ((index * 17) % 50) * 600_000)

    for (const tick of order) await deliver({ job: 'funding-rates', tick: new Date(tick).toISOString() })

    const runs = [...store.memory.runs.values()].filter(({ job }) => job === 'funding-rates')
    const late = runs.filter(({ tick }) => tick !== undefined && tick < at)
    expect(late).toHaveLength(49)
    for (const run of late) expect(run).toMatchObject({ status: 'skipped', reason: 'superseded' })
    expect(machines.started).toEqual(['funding-rates-20261120T150400Z'])
  })

  test('makes one task of many wishes of the bus', async () => {
    const { deliver, machines } = await door()

    const [first] = await deliver(wish({}))
    const [second] = await deliver(wish({}, 'e2'))

    expect([first?.status, second?.status]).toEqual(['created', 'coalesced'])
    expect(second?.run).toBe(first?.run)
    expect(machines.started).toHaveLength(1)
  })

  test('gives an operator the run that was promised', async () => {
    const { deliver } = await door()
    const runId = 'funding-rates-01M7Z56WX3MVY98AAAEKB85QT3'

    const submitted = await deliver(wish({ cause: 'operator', runId }))

    expect(submitted).toEqual([{ status: 'created', run: runId }])
  })

  test.each<[string, unknown, RegExp]>([
    ['of one key', wish({ key: 'rates' }), /expected a run of all of funding-rates/],
    [
      'of an unknown job',
      { ...TICK, job: 'no-job' },
      /expected an event for one of funding-rates; got "no-job"/,
    ],
    ['of a job whose runs are plain', { ...TICK, job: 'funding-contracts' }, /got "funding-contracts"/],
    ['of no job', {}, /got none/],
    ['that is null', null, /got none/],
    ['of a tick of tomorrow', { ...TICK, tick: '2026-11-21T15:04:00Z' }, /a tick that has come/],
    ['of another source', { ...wish({}), source: 'aws.s3' }, /refresh.requested event of this system/],
    ['with a member too many', { ...TICK, force: true }, /only/],
  ])(
    'refuses an event %s: it is kept in the dead letters, and no task is made',
    async (_, event, message) => {
      const { deliver, machines, store } = await door()
      const before = store.memory.runs.size

      await expect(deliver(event)).rejects.toThrow(message)

      expect([machines.started, store.memory.runs.size - before]).toEqual([[], 0])
    },
  )
})
