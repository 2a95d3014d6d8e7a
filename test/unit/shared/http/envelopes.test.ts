import { describe, expect, it } from 'vitest'
import { envelopeOf } from '#shared/http/envelopes.ts'
import { failureResponse } from '#shared/http/problem.ts'

const AT = Date.parse('2026-11-20T15:01:00Z')

describe('the envelope `message`', () => {
  const envelope = envelopeOf('message')
  const wrapped = envelope.wrap([1, 2], { asOf: AT, fetchedAt: AT + 60_000, degraded: false })

  it('has code 0 and the message `success` before the data', () => {
    expect(JSON.stringify(wrapped)).toBe(
      '{"code":0,"message":"success","data":[1,2],"meta":{"as_of":"2026-11-20T15:01:00Z","fetched_at":"2026-11-20T15:02:00Z","degraded":false}}',
    )
  })

  it('gives the data back', () => {
    expect(envelope.unwrap(wrapped)).toEqual([1, 2])
  })

  it('has the status as the code of a failure, and no data', () => {
    const { statusCode, headers, body } = failureResponse(
      'message',
      { status: 404, message: 'project not found' },
      AT,
    )

    expect([statusCode, headers['content-type']]).toEqual([404, 'application/json'])
    expect(body).toBe('{"code":404,"message":"project not found","data":null}')
  })
})
