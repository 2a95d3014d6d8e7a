import { describe, expect, it } from 'vitest'
import { parseRunRequest } from '#functions/runtime/events.ts'
import { globalBody, globalMarketWorld, TICK } from '#test/fakes/jobs/global-market.ts'
import { operator } from '#test/fakes/world/clients.ts'
import { memoryQueues } from '#test/fakes/world/failure-queues.ts'

const JOB = 'global-market'
const tickEvent = { job: JOB, tick: new Date(TICK).toISOString() }
const requestEvent = {
  id: 'event-1',
  source: 'freshet',
  'detail-type': 'refresh.requested',
  time: new Date(TICK).toISOString(),
  detail: { job: JOB, cause: 'operator', runId: `${JOB}-01J9ZQ4T3X8W5V6N7M8K9J0H1G` },
}
const failedRun = (requestPayload: unknown, responsePayload: unknown = {}) => ({
  requestContext: { functionArn: 'arn', condition: 'RetriesExhausted' },
  requestPayload,
  responsePayload,
})

function opened() {
  const world = globalMarketWorld()
  world.script(() => ({ status: 200, body: globalBody() }))
  const queues = memoryQueues(world.clock)
  return { world, queues, ...operator(world, { queues }) }
}

describe('the failed events', () => {
  it('are listed with what they were about and why they failed, newest first, without their bodies', async () => {
    const { world, queues, get } = opened()
    queues.add('undelivered', requestEvent, { ERROR_CODE: 'THROTTLED', ERROR_MESSAGE: 'Rate exceeded' })
    world.clock.advance(1_000)
    queues.add(
      'failed-runs',
      failedRun(tickEvent, { errorType: 'Error', errorMessage: 'GET /?api_key=s3cret' }),
    )

    const { body, text } = await get('/v1/dlq')

    expect(body).toMatchObject({
      queues: [
        { name: 'undelivered', depth: 1 },
        { name: 'failed-runs', depth: 1 },
      ],
      messages: [
        {
          queue: 'failed-runs',
          kind: 'tick',
          job: JOB,
          tick: tickEvent.tick,
          run_id: null,
          error: 'Error: GET /?api_key=[redacted]',
          can_redrive: true,
        },
        {
          queue: 'undelivered',
          kind: 'refresh.requested',
          job: JOB,
          tick: null,
          run_id: requestEvent.detail.runId,
          error: 'THROTTLED: Rate exceeded',
        },
      ],
    })
    expect(text).not.toContain('requestPayload')
  })

  it.each([
    ['of the watchdog', failedRun({}, { errorType: 'Error', errorMessage: 'x' }), 'Error: x'],
    ['that Lambda gave up before it ran', failedRun({}), 'RetriesExhausted'],
    ['of another system', { ...requestEvent, source: 'other' }, null],
    ['that are no JSON', '<html>', null],
  ])('%s are of no job, and cannot be redriven', async (_title, message, error) => {
    const { queues, get, post } = opened()
    queues.add('failed-runs', message)

    const { body } = await get('/v1/dlq')
    const redriven = await post('/v1/dlq/redrive', {})

    expect(body.messages).toMatchObject([{ kind: null, job: null, error, can_redrive: false }])
    expect(redriven.body).toMatchObject({ redriven: 0 })
    expect(queues.stored.size).toBe(1)
  })

  it('are listed completely although one request returns ten', async () => {
    const { queues, get } = opened()
    for (let index = 0; index < 25; index += 1) queues.add('undelivered', tickEvent)

    expect((await get('/v1/dlq')).body.messages).toHaveLength(25)
  })
})

describe('a redrive', () => {
  it('requests the same again, deletes the messages, and has an audit entry with its figures', async () => {
    const { world, queues, post, audits } = opened()
    queues.add('undelivered', requestEvent)
    queues.add('failed-runs', failedRun(tickEvent))

    const { status, body } = await post('/v1/dlq/redrive', {})

    expect([status, body]).toEqual([
      200,
      {
        redriven: 2,
        left: 0,
        queues: [
          { name: 'undelivered', depth: 0 },
          { name: 'failed-runs', depth: 0 },
        ],
      },
    ])
    expect(world.events).toEqual([
      { type: 'refresh.requested', detail: requestEvent.detail },
      { type: 'refresh.requested', detail: { job: JOB, cause: 'tick', tick: tickEvent.tick } },
    ])
    expect(audits()).toEqual([{ action: 'redrive', actor: 'operator', subject: 'dlq:all' }])
    expect(JSON.parse(world.store.memory.audits[0]?.after ?? '')).toMatchObject({ redriven: 2 })
  })

  it('of a tick is the run of that tick, and of one that a newer tick replaced is skipped (F32)', async () => {
    const { world, queues, post } = opened()
    const later = TICK + 600_000
    world.clock.advance(later - world.clock.now())
    queues.add('failed-runs', failedRun(tickEvent))
    queues.add('failed-runs', failedRun({ ...tickEvent, tick: new Date(later).toISOString() }))
    await post('/v1/dlq/redrive', {})
    const runs = []
    for (const event of [...world.events]) {
      const envelope = { ...requestEvent, 'detail-type': event.type, detail: event.detail }
      runs.push(await world.run(parseRunRequest(envelope, world.work.job, world.clock.now())))
    }

    expect(runs.map(({ id, status, reason }) => [id, status, reason])).toEqual([
      [`${JOB}-20251011T073300Z`, 'skipped', 'superseded'],
      [`${JOB}-20251011T074300Z`, 'succeeded', undefined],
    ])
  })

  it('of one job or one queue leaves the others', async () => {
    const { queues, post, audits } = opened()
    queues.add('undelivered', { ...tickEvent, job: 'hama' })
    queues.add('undelivered', tickEvent)
    queues.add('failed-runs', failedRun(tickEvent))

    const ofQueue = await post('/v1/dlq/redrive', { queue: 'failed-runs' })
    const ofJob = await post('/v1/dlq/redrive', { job: 'global_market' })

    expect(ofQueue.body).toMatchObject({ redriven: 1, left: 0 })
    expect(ofJob.body).toMatchObject({ redriven: 1, left: 1 })
    expect([...queues.stored.values()].map(({ body }) => JSON.parse(body).job)).toEqual(['hama'])
    expect(audits().map(({ subject }) => subject)).toEqual(['dlq:failed-runs', 'job:global-market'])
  })

  it('that the bus refuses is 503, and no message is lost', async () => {
    const { world, queues } = opened()
    const bus = { publish: () => Promise.reject(new Error('throttled')) }
    const { post, audits } = operator(world, { queues, bus })
    queues.add('undelivered', tickEvent)

    const { status } = await post('/v1/dlq/redrive', {})

    expect(status).toBe(503)
    expect(queues.stored.size).toBe(1)
    expect(audits().map(({ action }) => action)).toEqual(['redrive', 'redrive-failed'])
  })

  it.each([
    [{ queue: 'other' }, 400, /^queue: expected one of undelivered, failed-runs/],
    [{ job: 'weather' }, 404, /^No job is named/],
    [{ all: true }, 400, /^expected no member/],
  ])('is refused for %j', async (request, status, message) => {
    const { post, audits } = opened()

    const answer = await post('/v1/dlq/redrive', request)

    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringMatching(message)])
    expect(audits()).toEqual([])
  })
})
