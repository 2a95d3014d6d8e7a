import { describe, expect, it } from 'vitest'
import { parseRunRequest } from '#functions/runtime/events.ts'

const JOB = 'global-market'
const FOLLOWER = { id: JOB, inputs: ['coins', 'coins-of-old'] }
const NOW = Date.UTC(2026, 10, 20, 12, 3, 2)
const envelope = {
  version: '0',
  id: 'c0ffee',
  'detail-type': 'refresh.requested',
  source: 'freshet',
  time: '2026-11-20T12:00:00Z',
  detail: { job: JOB, cause: 'stale-read' },
}

/** The detail of the event of a run of the input `coins`. */
const REFRESHED = { job: 'coins', runId: 'coins-20261120T120200Z', keys: 3, at: '2026-11-20T12:02:59.412Z' }

const refreshed = (change: object) => ({
  ...envelope,
  'detail-type': 'dataset.refreshed',
  detail: { ...REFRESHED, ...change },
})

describe('the event of a job’s function', () => {
  it('is a tick with its scheduled time', () => {
    expect(parseRunRequest({ job: JOB, tick: '2026-11-20T12:03:00Z' }, FOLLOWER, NOW)).toEqual({
      cause: 'tick',
      tick: Date.UTC(2026, 10, 20, 12, 3),
    })
  })

  it('is a wish from the bus with the event’s own id and time', () => {
    const event = { id: 'c0ffee', at: Date.UTC(2026, 10, 20, 12) }

    expect(parseRunRequest(envelope, FOLLOWER, NOW)).toEqual({ cause: 'stale-read', event })
    expect(
      parseRunRequest({ ...envelope, detail: { job: JOB, cause: 'cold-read', key: 'BTC' } }, FOLLOWER, NOW),
    ).toEqual({
      cause: 'cold-read',
      key: 'BTC',
      event,
    })
  })

  it('is an operator’s wish for the run that was promised', () => {
    const runId = `${JOB}-01JD8Y6W3V9S2K4N7Q0R5T1XZA`

    expect(
      parseRunRequest({ ...envelope, detail: { job: JOB, cause: 'operator', runId } }, FOLLOWER, NOW),
    ).toEqual({
      cause: 'operator',
      runId,
      event: { id: 'c0ffee', at: Date.UTC(2026, 10, 20, 12) },
    })
  })

  it('is the run of an input that was published, whichever copy of the event tells of it', () => {
    const at = Date.UTC(2026, 10, 20, 12, 2, 59, 412)
    const runId = 'coins-20261120T120200Z'
    const event = { source: 'freshet', 'detail-type': 'dataset.refreshed', detail: REFRESHED }

    for (const copy of [
      { ...event, id: 'e1', time: '2026-11-20T12:02:59Z' },
      { ...event, id: 'e2', time: '2026-11-20T12:03:01Z' },
    ]) {
      expect(parseRunRequest(copy, FOLLOWER, NOW)).toEqual({
        cause: 'input-refreshed',
        input: runId,
        event: { id: runId, at },
      })
    }
  })

  it.each([
    ['nothing', undefined],
    ['text', 'tick'],
    ['a list', []],
    ['an empty object', {}],
    ['another job’s tick', { job: 'hama', tick: '2026-11-20T12:03:00Z' }],
    ['a tick without time', { job: JOB }],
    ['a tick at no time', { job: JOB, tick: '2026-13-45T99:00:00Z' }],
    [
      'a tick that is yet to come: later ones would be superseded',
      { job: JOB, tick: '2099-11-20T12:03:00Z' },
    ],
    [
      'a tick with a megabyte beside',
      { job: JOB, tick: '2026-11-20T12:03:00Z', more: 'x'.repeat(1_000_000) },
    ],
    ['a local time', { job: JOB, tick: '2026-11-20T12:03:00+01:00' }],
    ['another source', { ...envelope, source: 'aws.s3' }],
    ['another type', { ...envelope, 'detail-type': 'dataset.stale' }],
    ['a wish of an input', { ...envelope, detail: { job: JOB, cause: 'input-refreshed' } }],
    ['a wish under the name of a publication', { ...envelope, 'detail-type': 'dataset.refreshed' }],
    ['a publication of a key that cannot be stored', refreshed({ key: '' })],
    ['a publication of a job that is no input', refreshed({ job: 'hama' })],
    ['a publication of its own', refreshed({ job: JOB, runId: `${JOB}-20261120T120300Z` })],
    ['a publication of no job', refreshed({ job: undefined })],
    ['a publication under the run of another input', refreshed({ runId: 'coins-of-old-20261120T120200Z' })],
    ['a publication of no run', refreshed({ runId: undefined })],
    ['a publication at no time', refreshed({ at: 'noon' })],
    ['a publication that is yet to come', refreshed({ at: '2099-11-20T12:03:00.000Z' })],
    ['a publication with a megabyte beside', refreshed({ more: 'x'.repeat(1_000_000) })],
    ['the publication of another system', { ...refreshed({}), source: 'aws.s3' }],
    ['an event without id', { ...envelope, id: undefined }],
    ['another job’s wish', { ...envelope, detail: { job: 'hama', cause: 'operator' } }],
    ['an unknown cause', { ...envelope, detail: { job: JOB, cause: 'boredom' } }],
    ['an endless key', { ...envelope, detail: { job: JOB, cause: 'cold-read', key: 'x'.repeat(1_000_000) } }],
    [
      'a wish with a megabyte beside',
      { ...envelope, detail: { ...envelope.detail, more: 'x'.repeat(1_000_000) } },
    ],
    ['half a character as key', { ...envelope, detail: { job: JOB, cause: 'cold-read', key: '\ud83d' } }],
    [
      'a key too long for the table once it is encoded',
      { ...envelope, detail: { job: JOB, cause: 'cold-read', key: '値'.repeat(256) } },
    ],
    [
      'a reserved run id from a cause other than an operator',
      { ...envelope, detail: { ...envelope.detail, runId: `${JOB}-01JD8Y6W3V9S2K4N7Q0R5T1XZA` } },
    ],
    [
      'a promised run of another job',
      { ...envelope, detail: { job: JOB, cause: 'operator', runId: 'hama-01JD8Y6W3V9S2K4N7Q0R5T1XZA' } },
    ],
    [
      'a promised run under the id of a tick',
      { ...envelope, detail: { job: JOB, cause: 'operator', runId: `${JOB}-20261120T120300Z` } },
    ],
    ['a key that is no text', { ...envelope, detail: { job: JOB, cause: 'cold-read', key: 7 } }],
  ])('is refused when it is %s, with expected and got (F28)', (_name, event) => {
    expect(() => parseRunRequest(event, FOLLOWER, NOW)).toThrow(/^expected .{1,250}$/)
  })
})
