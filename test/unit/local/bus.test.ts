import { expect, test } from 'vitest'
import type { PutEvent } from '#infra/local/aws-endpoint.ts'
import { localBus } from '#infra/local/bus.ts'

const REQUEST: PutEvent = {
  id: 'e-1',
  source: 'freshet',
  detailType: 'refresh.requested',
  detail: { job: 'global-market', cause: 'cold-read', key: 'global' },
  time: '2026-11-20T10:00:00Z',
}

function bus() {
  const delivered: [string, object][] = []
  const unmatched: PutEvent[] = []
  const put = localBus({
    jobs: ['global-market'],
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

test.each<[string, Partial<PutEvent>]>([
  ['another type', { detailType: 'dataset.refreshed' }],
  ['another source', { source: 'somebody' }],
  ['an unknown job', { detail: { job: 'unknown' } }],
  ['no job', { detail: {} }],
  ['a detail that is none', { detail: null }],
])('no rule matches an event with %s', (_title, change) => {
  const { put, delivered, unmatched } = bus()

  put({ ...REQUEST, ...change })

  expect(delivered).toEqual([])
  expect(unmatched).toEqual([{ ...REQUEST, ...change }])
})
