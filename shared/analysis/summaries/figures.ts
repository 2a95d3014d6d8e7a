import { dateFault } from './dates.ts'
import { type Facts, figuresOf } from './facts.ts'
import { numberWordFault } from './number-words.ts'

/**
 * Whether every figure of a text is among the facts. A number in digits equals a fact when that is rounded to the
 * decimals which the text has; with a percent sign, also a hundred times a fact. A date is that of a fact. Counts up to
 * twelve may be written in words.
 *
 * @param text - with single spaces between its words
 * @returns what is wrong with the first figure that is not; `undefined` for a text of facts
 * @example figureFault('The score is 72.4 of 100.', { score: 72.38, highest_score: 100 }) // undefined
 */
export function figureFault(text: string, facts: Facts): string | undefined {
  const [other] = /(?![0-9])\p{N}/u.exec(text) ?? []
  if (other !== undefined) return `expected figures in the digits 0 to 9, got ${other}`
  const { fault, rest } = dateFault(text, facts)
  return fault ?? numberFault(rest, figuresOf(facts)) ?? numberWordFault(rest, Object.keys(facts))
}

/** A number without its sign: thousands are separated by commas, decimals by a point. */
const NUMBER = /(?:\d{1,3}(?:,\d{3})+(?![,\d])|\d+)(?:\.\d+)?|\.\d+/g

function numberFault(text: string, figures: readonly number[]): string | undefined {
  for (const { 0: digits, index } of text.matchAll(NUMBER)) {
    const before = text.slice(0, index)
    const after = text.slice(index + digits.length)
    if (/[\p{L}_]$/u.test(before) || /^[\p{L}_]/u.test(after) || SCALE.test(after))
      return `expected figures without a unit or a scale in letters, got ${shownAround(text, index, digits)}`
    const written: Written = {
      value: Number(digits.replaceAll(',', '')) * (isNegative(before) ? -1 : 1),
      decimals: digits.split('.')[1]?.length ?? 0,
      isPercent: PERCENT.test(after),
    }
    if (!figures.some((figure) => isRounded(figure, written)))
      return `expected only figures of the facts, got ${shownAround(text, index, digits)}`
  }
  return undefined
}

/** A number as a text has it. */
interface Written {
  readonly value: number
  readonly decimals: number
  readonly isPercent: boolean
}

/** A word that multiplies the number before it. */
const SCALE = /^\s?-?(?:hundred|thousand|million|billion|trillion|dozen|fold|basis points?|bps)\b/i

const PERCENT = /^\s?(?:%|percent\b|per cent\b)/i

/** A hyphen between words or numbers is no sign. */
const MINUS = /(?:^|[\s([{'"“:;,=/])[-\u2212\u2013\u2010\u2011][$€£¥]?$/
const MINUS_WORD = /\b(?:minus|negative)\s$/i

function isNegative(before: string): boolean {
  return MINUS.test(before) || MINUS_WORD.test(before)
}

/** Whether a fact is what is written, at half a unit of the last decimal. A tie may be rounded either way. */
function isRounded(figure: number, { value, decimals, isPercent }: Written): boolean {
  const half = 0.5 * 10 ** -decimals
  const isClose = (exact: number) =>
    Math.abs(exact - value) <= half + 4 * Number.EPSILON * Math.max(1, Math.abs(exact))
  return isClose(figure) || (isPercent && isClose(100 * figure))
}

/** The number with the signs next to it. */
function shownAround(text: string, index: number, digits: string): string {
  const start = /\S*$/.exec(text.slice(0, index))?.[0].slice(-10) ?? ''
  const end = /^(?:\s?%|\S*)/.exec(text.slice(index + digits.length))?.[0].slice(0, 10) ?? ''
  return `${start}${digits}${end}`.replace(/[.,;:!?)]+$/, '')
}
