import * as z from 'zod/mini'

/** What is asked of a model. */
interface ChatQuestion {
  /** Name of the model at the provider. */
  readonly model: string
  /** How the model is to answer. */
  readonly instructions: string
  /** What it is to answer. */
  readonly content: string
  /** Maximum length of the answer in tokens. */
  readonly maxTokens: number
}

/** A text of a model, and what it cost; counts that the provider does not state are 0. */
export interface ChatAnswer {
  readonly text: string
  readonly promptTokens: number
  readonly completionTokens: number
}

/** Low, so that a model varies little: the same figures are to give about the same text. */
const TEMPERATURE = 0.2

/**
 * The call of a chat completion: one question, one answer.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export function chatCall({ model, instructions, content, maxTokens }: ChatQuestion) {
  return {
    path: '/chat/completions',
    body: {
      model,
      messages: [
        { role: 'system', content: instructions },
        { role: 'user', content },
      ],
      max_tokens: maxTokens,
      temperature: TEMPERATURE,
    },
  }
}

const body = z.object({
  choices: z
    .array(z.object({ finish_reason: z.literal('stop'), message: z.object({ content: z.string() }) }))
    .check(z.minLength(1)),
  usage: z.optional(z.unknown()),
})

/**
 * Parses a chat completion: its first choice, which has to be complete. The classification of the provider has refused
 * answers that were cut, withheld or empty.
 *
 * @throws {z.core.$ZodError} for a body of another form
 */
export function parseChatAnswer(answer: unknown): ChatAnswer {
  const { choices, usage } = body.parse(answer)
  const [choice] = choices
  if (!choice) throw new TypeError('expected a choice, got none')
  const { prompt_tokens, completion_tokens } = (usage ?? {}) as Readonly<Record<string, unknown>>
  return {
    text: choice.message.content,
    promptTokens: tokens(prompt_tokens),
    completionTokens: tokens(completion_tokens),
  }
}

/** A count of tokens, which is only logged: what is none counts as 0. */
function tokens(value: unknown): number {
  return Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : 0
}
