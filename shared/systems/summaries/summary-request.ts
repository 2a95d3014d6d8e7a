import { expectFacts, type Facts } from '#shared/analysis/summaries/facts.ts'
import { chatCall } from '#shared/upstreams/summaries/chat-completions.ts'
import type { SummaryKind } from './kinds.ts'

const MAX_TOKENS = 500

const SUBJECTS: Readonly<Record<SummaryKind, string>> = {
  macro:
    'the macro risk of the United States in five dimensions; scores from lowest_score to highest_score, a higher score is a lower risk',
  position:
    'the scores of one stock; scores from lowest_score to highest_score, higher is better; prices in one currency',
  technical: 'daily technical indicators of one stock after its newest session; prices in one currency',
  fundamental:
    'the fundamentals of one company and their scores from lowest_score to highest_score, higher is better; names with percent are in percent',
}

const INSTRUCTIONS = [
  'You describe stored figures of a data service in plain English, for a reader who sees the figures too.',
  'Write one paragraph of at most 120 words, as plain text: no heading, list, link, markup or symbol of mathematics.',
  'Describe only the facts of the message. A fact that is null is not available. What is not among the facts is not known to you.',
  'Write figures in digits, as they are or rounded, a negative one with its minus sign. Write no other figure: no sum, difference, ratio, threshold or period of your own.',
  'Write counts up to twelve in words, and numbers in the names of facts as these do. Write no unit or scale in letters after a figure.',
  'Give no advice and no forecast, and name no person and no company.',
].join('\n')

/** What a model is asked. */
interface SummaryQuestion {
  readonly kind: SummaryKind
  readonly facts: Facts
  /** Name of the model at the provider. */
  readonly model: string
}

/**
 * The call for a summary of some facts: instructions, and the facts as JSON. Nothing else is sent, no symbol and no text of
 * another provider.
 *
 * @throws {TypeError} for facts that may not be sent, see {@link expectFacts}
 */
export function summaryRequest({ kind, facts, model }: SummaryQuestion) {
  expectFacts(facts)
  const content = JSON.stringify({ subject: SUBJECTS[kind], facts })
  return chatCall({ model, instructions: INSTRUCTIONS, content, maxTokens: MAX_TOKENS })
}
