import { expect, test } from 'vitest'
import type { PutEvent } from '#infra/local/aws/endpoint.ts'
import { localBus } from '#infra/local/aws/event-bus.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { tinyJob, tinyTaskJob } from '#test/support/jobs/test-jobs.ts'

const globalMarket = resolveJob(tinyJob({ id: 'global-market' }), {})
const toyItems = resolveJob(tinyTaskJob(), {})

/** Jobs that read what `coins` publishes: two run as tasks, one is plain, one is off. */
const readers = [
  tinyTaskJob({ id: 'toy-one', inputs: ['coins'] }),
  tinyTaskJob({ id: 'toy-two', inputs: ['coins', 'shares'] }),
  tinyJob({ id: 'tiny-one', inputs: ['coins'] }),
  tinyJob({ id: 'tiny-off', inputs: ['coins'], off: () => 'not wanted' }),
].map((job) => resolveJob(job, {}))

const REQUEST: PutEvent = {
  id: 'e-1',
  source: 'freshet',
  detailType: 'refresh.requested',
  detail: { job: 'global-market', cause: 'cold-read', key: 'global' },
  time: '2026-11-20T10:00:00Z',
}

function bus(jobs = [globalMarket, toyItems, ...readers]) {
  const delivered: [string, object][] = []
  const unmatched: PutEvent[] = []
  const put = localBus({
    jobs,
    region: 'eu-central-1',
    deliver: (to, event) => delivered.push([to, event]),
    onUnmatched: (event) => unmatched.push(event),
  })
  return { put, delivered, unmatched }
}

test('a requested refresh goes to the function of its job, in EventBridge’s envelope', () => {
  const { put, delivered, unmatched } = bus()

  put(REQUEST)

  expect(delivered).toEqual([
    [
      'job-global-market',
      {
        version: '0',
        id: 'e-1',
        'detail-type': 'refresh.requested',
        source: 'freshet',
        account: '000000000000',
        time: '2026-11-20T10:00:00Z',
        region: 'eu-central-1',
        resources: [],
        detail: { job: 'global-market', cause: 'cold-read', key: 'global' },
      },
    ],
  ])
  expect(unmatched).toEqual([])
})

test('a requested refresh of a task job goes to where tasks are submitted', () => {
  const { put, delivered } = bus()

  put({ ...REQUEST, detail: { job: 'toy-items', cause: 'first-run' } })

  expect(delivered).toEqual([
    ['submit', expect.objectContaining({ detail: { job: 'toy-items', cause: 'first-run' } })],
  ])
})

test('a publication goes once to each function that runs jobs which read it', () => {
  const { put, delivered, unmatched } = bus()
  const detail = { job: 'coins', runId: 'coins-20261120T100000Z', keys: 3, at: '2026-11-20T10:00:00.000Z' }

  put({ ...REQUEST, detailType: 'dataset.refreshed', detail })
  put({ ...REQUEST, detailType: 'dataset.refreshed', detail: { ...detail, job: 'shares' } })

  expect(delivered.map(([to, event]) => [to, (event as { detail: { job: string } }).detail.job])).toEqual([
    ['submit', 'coins'],
    ['job-tiny-one', 'coins'],
    ['submit', 'shares'],
  ])
  expect(unmatched).toEqual([])
})

test('a publication of one key goes to plain jobs only whose keys have the form of those of the input', () => {
  const keys = { pattern: '[A-Z]+', about: 'a coin' }
  const keyed = [
    { ...globalMarket, id: 'coins', keys },
    ...readers.map((job) => (job.id === 'tiny-one' || job.run.mode === 'task' ? { ...job, keys } : job)),
    { ...globalMarket, id: 'tiny-other', inputs: ['coins'], keys: { pattern: 'list', about: 'a list' } },
  ]
  const { put, delivered } = bus(keyed)
  const detail = { job: 'coins', runId: 'coins-20261120T100000Z', keys: 1, key: 'AAA' }

  put({ ...REQUEST, detailType: 'dataset.refreshed', detail })

  expect(delivered.map(([to]) => to)).toEqual(['job-tiny-one'])
})

test.each<[string, Partial<PutEvent>]>([
  ['another type', { detailType: 'dataset.stale' }],
  ['a publication without a follower', { detailType: 'dataset.refreshed' }],
  ['another source', { source: 'another' }],
  ['an unknown job', { detail: { job: 'unknown' } }],
  ['no job', { detail: {} }],
  ['a detail that is none', { detail: null }],
])('no rule matches an event with %s', (_title, change) => {
  const { put, delivered, unmatched } = bus()

  put({ ...REQUEST, ...change })

  expect(delivered).toEqual([])
  expect(unmatched).toEqual([{ ...REQUEST, ...change }])
})
