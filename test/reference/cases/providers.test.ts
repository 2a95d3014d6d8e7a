import { describe, expect, test } from 'vitest'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'
import { bybit } from '#shared/upstreams/bybit.ts'
import { coingecko } from '#shared/upstreams/coingecko.ts'
import { readCase } from './read-case.ts'

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
}

const NOW = Date.UTC(2026, 10, 28, 12)

function errorOf(
  upstream: typeof coingecko,
  { status, headers = {}, body }: Answer,
  more: Partial<HttpResponse> = {},
) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const classified = resolveUpstream(upstream, {}).classify({ status, headers, body: text, ...more }, NOW)
  if (classified.kind !== 'failed') throw new Error('expected a failure')
  return classified.error
}

describe('cases of refusals', () => {
  test('Cloudflare’s error 1015 as JSON is a limit, with its own wait', () => {
    const { answer } = readCase<{ answer: Answer }>('coingecko-cloudflare-json')

    expect(errorOf(coingecko, answer)).toMatchObject({
      reason: 'rate-limited',
      scope: 'provider',
      retryAfterMs: 30_000,
    })
  })

  test('Bybit’s limit per address is a limit like any other', () => {
    const { answer } = readCase<{ answer: Answer }>('bybit-10018')

    expect(errorOf(bybit, answer)).toMatchObject({ reason: 'rate-limited', scope: 'provider' })
  })

  test('a Retry-After in epoch seconds is that moment (F5)', () => {
    const { answer } = readCase<{ answer: Answer }>('retry-after-epoch')
    const headers = { 'retry-after': String(NOW / 1_000 + 30) }

    expect(errorOf(coingecko, { ...answer, headers })).toMatchObject({
      reason: 'rate-limited',
      retryAfterMs: 30_000,
    })
  })

  test('a 429 whose body does not decompress keeps its status and its wait (F80)', () => {
    const { answer } = readCase<{ answer: Answer }>('status-lost-with-coding')

    expect(
      errorOf(
        coingecko,
        { ...answer, body: '' },
        { bodyFailure: new RefreshError('malformed', 'the body does not decompress') },
      ),
    ).toMatchObject({
      reason: 'rate-limited',
      retryAfterMs: 120_000,
    })
  })
})
