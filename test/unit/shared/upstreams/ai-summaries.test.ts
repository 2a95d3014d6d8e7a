import { describe, expect, it } from 'vitest'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { aiSummaries } from '#shared/upstreams/ai-summaries.ts'
import { chatCall, parseChatAnswer } from '#shared/upstreams/summaries/chat-completions.ts'

const NOW = Date.UTC(2026, 10, 27, 14)
const SETTINGS = {
  ENABLE_AI_SUMMARIES: 'true',
  AI_SUMMARY_URL: 'https://models.example/v1',
  AI_SUMMARY_MODEL: 'small-model',
  AI_SUMMARY_KEY_PARAMETER: '/keys/summaries',
}
const upstream = resolveUpstream(aiSummaries, SETTINGS)

function completion(choice: object = {}, more: object = {}) {
  const message = { role: 'assistant', content: 'A text.', refusal: null }
  return {
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason: 'stop', ...choice }],
    ...more,
  }
}

function classified(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const result = upstream.classify({ status, headers, body: text }, NOW)
  return result.kind === 'ok' ? result : result.error
}

describe('the provider of summaries', () => {
  it('is at the address of the operator, which may be private, with the key behind Bearer', () => {
    expect(upstream).toMatchObject({
      secret: { parameter: '/keys/summaries', header: 'authorization', scheme: 'Bearer' },
      limits: { perMinute: 20, concurrency: 1, perDay: 100 },
      trustedOrigins: ['https://models.example'],
    })
    expect(upstream.baseUrls.map(({ href }) => href)).toEqual(['https://models.example/v1'])
    expect(upstream.off).toBeUndefined()
  })

  it('has the calls of a day that the operator sets', () => {
    const { limits } = resolveUpstream(aiSummaries, { ...SETTINGS, AI_SUMMARY_DAILY_QUOTA: '7' })

    expect(limits.perDay).toBe(7)
  })

  it.each([
    [{}, 'ENABLE_AI_SUMMARIES is false'],
    [{ ...SETTINGS, ENABLE_AI_SUMMARIES: 'false' }, 'ENABLE_AI_SUMMARIES is false'],
    [{ ...SETTINGS, AI_SUMMARY_URL: undefined }, 'AI_SUMMARY_URL is not set'],
    [
      { ENABLE_AI_SUMMARIES: 'true' },
      'AI_SUMMARY_URL, AI_SUMMARY_MODEL and AI_SUMMARY_KEY_PARAMETER are not set',
    ],
  ])('is off until it is enabled and has address, model and key: %j', (settings, reason) => {
    expect(resolveUpstream(aiSummaries, settings).off).toBe(reason)
  })

  it.each([
    ['AI_SUMMARY_URL', 'http://models.example/v1', 'got http://models.example'],
    ['AI_SUMMARY_URL', 'https://user:pass@models.example', 'got https://models.example'],
    ['AI_SUMMARY_URL', 'https://models.example/?key=1', 'without query or user; got https://models.example'],
    ['AI_SUMMARY_URL', 'models.example', 'expected a base URL, https: unless loopback'],
    ['AI_SUMMARY_MODEL', 'a model', 'expected 1 to 100 letters, digits, . : / @ _ and -'],
    ['AI_SUMMARY_DAILY_QUOTA', '0', 'expected a whole number, 1 to 10000 calls'],
  ])('refuses an illegal %s: %s', (name, value, message) => {
    expect(() => resolveUpstream(aiSummaries, { ...SETTINGS, [name]: value })).toThrow(message)
  })
})

describe('an answer of the provider', () => {
  it('is a text that the model has ended', () => {
    expect(classified(200, completion())).toMatchObject({ kind: 'ok' })
  })

  it.each<[string, number, unknown, object]>([
    ['a wrong key', 401, { error: { code: 'invalid_api_key' } }, { reason: 'auth', scope: 'provider' }],
    ['a wrong key in other words', 401, 'no', { reason: 'auth', scope: 'provider' }],
    [
      'a limit',
      429,
      { error: { code: 'rate_limit_exceeded' } },
      { reason: 'rate-limited', scope: 'provider' },
    ],
    ['a limit in HTML', 429, '<html>', { reason: 'rate-limited', scope: 'provider' }],
    [
      'no credit',
      429,
      { error: { code: 'insufficient_quota' } },
      { reason: 'quota-exhausted', retryable: false },
    ],
    ['no credit by status', 402, {}, { reason: 'quota-exhausted' }],
    [
      'no such model',
      404,
      { error: { code: 'model_not_found' } },
      { reason: 'bad-request', scope: 'provider' },
    ],
    [
      'a wrong request',
      400,
      { error: { type: 'invalid_request_error', code: null } },
      { reason: 'bad-request' },
    ],
    [
      'a wrong request of a server',
      400,
      { object: 'error', type: 'BadRequestError' },
      { reason: 'bad-request' },
    ],
    ['an unknown error', 400, { detail: 'what?' }, { reason: 'bad-request' }],
    [
      'a filtered question',
      400,
      { error: { code: 'content_filter' } },
      { reason: 'rejected', retryable: false },
    ],
    [
      'overload',
      529,
      { type: 'error', error: { type: 'overloaded_error' } },
      { reason: 'upstream-fault', retryable: true },
    ],
    [
      'an error of its own',
      500,
      { error: { type: 'server_error' } },
      { reason: 'upstream-fault', retryable: true },
    ],
    [
      'an error under 200',
      200,
      { error: { type: 'api_error' } },
      { reason: 'upstream-fault', retryable: true },
    ],
    [
      'a limit under 200',
      200,
      { error: { code: 'rate_limit_exceeded' } },
      { reason: 'rate-limited', scope: 'provider' },
    ],
    ['an unknown error under 200', 200, { error: 'no' }, { reason: 'upstream-fault', retryable: false }],
    ['an error object under 200', 200, { object: 'error', message: 'no' }, { reason: 'upstream-fault' }],
    ['a list', 200, [], { reason: 'malformed' }],
    ['a cut text', 200, completion({ finish_reason: 'length' }), { reason: 'rejected', retryable: false }],
    ['a filtered text', 200, completion({ finish_reason: 'content_filter' }), { reason: 'rejected' }],
    ['a refusal', 200, completion({ message: { content: null, refusal: 'No.' } }), { reason: 'rejected' }],
    ['an empty text', 200, completion({ message: { content: ' \n' } }), { reason: 'rejected' }],
    ['no text', 200, completion({ message: { content: null } }), { reason: 'rejected' }],
  ])('is classified: %s', (_, status, body, expected) => {
    expect(classified(status, body)).toMatchObject(expected)
  })

  it('has the wait that it states, whatever its body is', () => {
    const error = classified(429, { error: { code: 'rate_limit_exceeded' } }, { 'retry-after': '90' })

    expect(error).toMatchObject({ reason: 'rate-limited', retryAfterMs: 90_000 })
  })

  it('without a stated wait is not called for five minutes after a limit', () => {
    expect(classified(429, {})).toMatchObject({ coolDownMs: 300_000 })
  })
})

describe('a chat completion', () => {
  it('is asked for with instructions, a question, and a limit of its length', () => {
    const call = chatCall({ model: 'm', instructions: 'Describe.', content: '{}', maxTokens: 500 })

    expect(call).toEqual({
      path: '/chat/completions',
      body: {
        model: 'm',
        messages: [
          { role: 'system', content: 'Describe.' },
          { role: 'user', content: '{}' },
        ],
        max_tokens: 500,
        temperature: 0.2,
      },
    })
  })

  it.each([
    [{ prompt_tokens: 12, completion_tokens: 3 }, 12, 3],
    [{ prompt_tokens: '12', completion_tokens: -3 }, 0, 0],
    [null, 0, 0],
    [undefined, 0, 0],
  ])('has a text, and the tokens that it states: %j', (usage, promptTokens, completionTokens) => {
    expect(parseChatAnswer(completion({}, { usage }))).toEqual({
      text: 'A text.',
      promptTokens,
      completionTokens,
    })
  })

  it.each([
    [{ choices: [] }],
    [{}],
    [completion({ finish_reason: null })],
    [completion({ finish_reason: 'tool_calls' })],
    [completion({ message: { content: [{ type: 'text', text: 'A text.' }] } })],
  ])('of another form is refused: %j', (body) => {
    expect(() => parseChatAnswer(body)).toThrow()
  })
})
