import { defineUpstream } from '#shared/declare/upstream.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import { type HttpResponse, isSuccessStatus } from '#shared/domain/ports/http.ts'
import { classify } from './classify.ts'
import { EVENTS_NOTICES } from './macro/settings.ts'
import type { ProviderFailure } from './provider-failure.ts'

/**
 * GDELT DOC 2.0: news of the world by words.
 *
 * One call in five seconds is allowed; starts have to be six seconds apart. At 7 calls per minute slots are 8.9 s apart,
 * which leaves 6.9 s if a call is a second late and two clocks differ by a second. The service sheds load with refusals, which
 * another attempt does not help, and answers after 20 s then.
 *
 * @see https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/
 */
export const gdelt = defineUpstream({
  name: 'gdelt',
  title: 'GDELT',
  settings: {},
  baseUrls: () => ['https://api.gdeltproject.org'],
  limits: () => ({ perMinute: 7, concurrency: 1 }),
  attemptTimeout: '40 seconds',
  maxAttempts: 1,
  // errors are text/html
  accept: '*/*',
  // 250 articles take 150 KB
  maxBytes: 1024 * 1024,
  attribution: { text: EVENTS_NOTICES.gdelt, url: 'https://www.gdeltproject.org/' },
  classify: (answer, now) =>
    classify(answer, { expects: 'object', marker, repair: repairJson, coolDownMs: 15 * MINUTE_MS }, now),
})

/** Longer texts are pages, not the sentence of an error. */
const MAX_SENTENCE_LENGTH = 300

const LIMIT = /^please limit requests\b/i

/** What the sentences about a wrong query have in common. */
const QUERY_ERROR =
  /phrase|parenthe|surrounded by \(\)|keyword|timespan|too short|too long|illegal character|invalid/i

/** Errors are sentences under 200, in English. */
function marker(body: unknown, { status, body: text }: HttpResponse): ProviderFailure | undefined {
  if (status === 429) return LIMITED
  const sentence = body === undefined ? text.trim() : ''
  if (LIMIT.test(sentence)) return LIMITED
  const isSentence = sentence.length <= MAX_SENTENCE_LENGTH && !/^[{<]/.test(sentence)
  return isSuccessStatus(status) && isSentence && QUERY_ERROR.test(sentence) ? WRONG_QUERY : undefined
}

const LIMITED: ProviderFailure = {
  reason: 'rate-limited',
  message: 'GDELT limits our rate',
  retryable: false,
}

const WRONG_QUERY: ProviderFailure = {
  reason: 'bad-request',
  message: 'GDELT rejects our query as invalid',
  scope: 'item',
}

/** A legal escape, a backslash that begins none, or a control character, which JSON does not allow in a text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
const ESCAPE_OR_CONTROL = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})|\\|[\u0000-\u001f]/g

/**
 * Corrects the texts of a body that is not JSON: a backslash that begins no legal escape is doubled, a control character
 * becomes a space. Escapes are read pair by pair, so that a legal double backslash stays as it is. Outside of texts JSON
 * has no backslash, and control characters are white space or wrong already.
 *
 * @example repairJson(String.raw`{"title":"O\'Neil"}`) // the text of {"title":"O\\'Neil"}
 */
export function repairJson(text: string): string {
  return text.replaceAll(ESCAPE_OR_CONTROL, (match) => {
    if (match.length > 1) return match
    return match === '\\' ? '\\\\' : ' '
  })
}
