import { isJson } from '#shared/domain/json.ts'
import { jsonResponse, type SimulatedProvider, type SimulatedResponse } from './model/provider.ts'

const MAX_SENTENCES = 6
const DECIMALS = 2

/** A token has about four characters. */
const CHARACTERS_PER_TOKEN = 4

interface ChatRequest {
  readonly model?: unknown
  readonly messages?: readonly { readonly role?: unknown; readonly content?: unknown }[]
}

type Facts = Readonly<Record<string, number | string | null>>

/**
 * A chat completion whose text names the first figures and labels of the facts that it was sent, and says that it is simulated.
 * The key is in a header, which a simulation does not get.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export const aiSummaries: SimulatedProvider = (_seed, now, path, _query, _earlierCalls, body = '') => {
  if (path !== '/chat/completions') return errorResponse(404, 'not_found', `no simulation of ${path}`)
  const { model, messages } = (isJson(body) ? JSON.parse(body) : {}) as ChatRequest
  if (typeof model !== 'string') return errorResponse(400, 'invalid_request_error', 'model is missing')
  const content = messages?.find(({ role }) => role === 'user')?.content
  const { facts } = (typeof content === 'string' && isJson(content) ? JSON.parse(content) : {}) as {
    readonly facts?: Facts
  }
  if (facts === undefined) return errorResponse(400, 'invalid_request_error', 'facts are missing')
  const text = `[simulated] ${sentencesOf(facts).join(' ')}`
  const tokens = (length: number) => Math.ceil(length / CHARACTERS_PER_TOKEN)
  const [prompt_tokens, completion_tokens] = [tokens(body.length), tokens(text.length)]
  return jsonResponse(200, {
    id: `chatcmpl-simulated-${now}`,
    object: 'chat.completion',
    created: Math.floor(now / 1_000),
    model,
    choices: [
      { index: 0, message: { role: 'assistant', content: text, refusal: null }, finish_reason: 'stop' },
    ],
    usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
  })
}

function errorResponse(status: number, code: string, message: string): SimulatedResponse {
  return jsonResponse(status, { error: { message, type: 'invalid_request_error', param: null, code } })
}

/** `The overall score is 76.` */
function sentencesOf(facts: Facts): readonly string[] {
  return Object.entries(facts)
    .filter(([, value]) => value !== null)
    .slice(0, MAX_SENTENCES)
    .map(([name, value]) => `The ${name.replaceAll('_', ' ')} is ${textOf(value)}.`)
}

/** A number with two decimals at most: a text names rounded figures. */
function textOf(value: Facts[string]): string {
  return typeof value === 'number' ? String(Number(value.toFixed(DECIMALS))) : String(value)
}
