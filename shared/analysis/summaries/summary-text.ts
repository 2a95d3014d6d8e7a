import type { Facts } from './facts.ts'
import { figureFault } from './figures.ts'

/** Maximum length of a summary, in UTF-16 units. A longer one is rejected: to cut it would change what it says. */
export const MAX_SUMMARY_LENGTH = 2_000

/** A text of a model after its judgement. */
export type JudgedText =
  | { readonly text: string; readonly fault?: undefined }
  /** What was expected and what the text has instead. */
  | { readonly text?: undefined; readonly fault: string }

/**
 * Judges what a model wrote about some facts: one paragraph of plain text without addresses and markup, in which every
 * figure is among the facts.
 *
 * @returns the text with single spaces, or why it cannot be shown
 */
export function summaryOf(answer: string, facts: Facts): JudgedText {
  const text = answer.trim().replaceAll(/\s+/g, ' ')
  const fault = lengthFault(text) ?? formFault(answer.trim(), text) ?? figureFault(text, facts)
  return fault === undefined ? { text } : { fault }
}

function lengthFault({ length }: string): string | undefined {
  if (length === 0) return 'expected a text, got none'
  if (length <= MAX_SUMMARY_LENGTH) return undefined
  return `expected at most ${MAX_SUMMARY_LENGTH} characters, got ${length}`
}

/** Signs of Markdown and HTML, of code and of formulas. An underscore within a label is none. */
const MARKUP = /[<>`*#|~{}\\^×÷]|\]\(|&(?:#\w+|\w+);|(?<![A-Za-z])_|_(?![A-Za-z])/u
const LIST_ITEM = /^[ \t]*(?:[-+•]|\d+[.)])[ \t]/m
const ADDRESS = /:\/\/|@|\bwww\.|\b[\w-]+\.[a-z]{2,}\b/i

/** A control, format, private or unpaired sign: a reader cannot see it. */
const INVISIBLE = /\p{C}/u

function formFault(answer: string, text: string): string | undefined {
  const [invisible] = INVISIBLE.exec(text) ?? []
  if (invisible !== undefined) {
    const code = invisible.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')
    return `expected visible characters, got U+${code}`
  }
  if (LIST_ITEM.test(answer)) return 'expected plain text, got a list'
  const [address] = ADDRESS.exec(text) ?? []
  if (address !== undefined) return `expected plain text without an address, got ${address}`
  const [markup] = MARKUP.exec(text) ?? []
  return markup === undefined ? undefined : `expected plain text without markup, got ${markup}`
}
