/** A number with more digits than a double can represent, kept as text. */
export class ExactNumber {
  readonly source: string

  constructor(source: string) {
    this.source = source
  }

  toJSON(): string {
    return this.source
  }
}

/** A double may lose digits of a number with 16 or more (with or without a point), never of a shorter one. */
const MAY_LOSE_DIGITS = /\d[\d.]{15,}/
const MIN_LOSSY_LENGTH = 16

/**
 * `JSON.parse` without loss of digits: a number that a double cannot represent becomes an {@link ExactNumber}. Numbers
 * within strings, as exchanges write prices, do not slow it down.
 *
 * @throws {SyntaxError} when `text` is not JSON
 * @throws {RangeError} when it is nested deeper than the stack
 */
export function parseJson(text: string): unknown {
  if (!hasLongNumber(text)) return JSON.parse(text)
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    const source = context?.source
    if (typeof value !== 'number' || source === undefined) return value
    return plainDecimal(source) === plainDecimal(String(value)) ? value : new ExactNumber(source)
  })
}

/** Whether a number may lose digits; examines only the text outside of strings. */
function hasLongNumber(text: string): boolean {
  let outside = 0
  for (;;) {
    const opening = text.indexOf('"', outside)
    const end = opening < 0 ? text.length : opening
    if (end - outside >= MIN_LOSSY_LENGTH && MAY_LOSE_DIGITS.test(text.slice(outside, end))) return true
    if (opening < 0) return false
    outside = afterString(text, opening)
  }
}

/** Index after the string that opens at `opening`; the length of the text when the string does not close. */
function afterString(text: string, opening: number): number {
  let closing = text.indexOf('"', opening + 1)
  while (closing >= 0 && isEscaped(text, closing)) closing = text.indexOf('"', closing + 1)
  return closing < 0 ? text.length : closing + 1
}

/** Whether an odd number of backslashes precedes a quote. */
function isEscaped(text: string, quote: number): boolean {
  let first = quote
  while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1
  return (quote - first) % 2 === 1
}

const BACKSLASH = 0x5c

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/**
 * A decimal without exponent, leading or trailing zeros: `2.7e+15` is `2700000000000000`, `1.50` is `1.5`. No digit
 * is rounded.
 *
 * @returns `undefined` when the text is not a decimal, or its exponent is beyond ±400
 */
export function plainDecimal(text: string): string | undefined {
  const match = DECIMAL.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', exponentText = '0'] = match
  const exponent = Number(exponentText)
  if (Math.abs(exponent) > 400) return undefined
  const digits = whole + fraction
  const point = whole.length + exponent
  const padded = digits.padEnd(point, '0').padStart(digits.length - Math.min(point, 0), '0')
  const split = Math.max(point, 0)
  const left = padded.slice(0, split).replace(/^0+(?=\d)/, '') || '0'
  const right = padded.slice(split).replace(/0+$/, '')
  const unsigned = right === '' ? left : `${left}.${right}`
  return unsigned === '0' ? '0' : `${sign}${unsigned}`
}

/** Whether a text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/**
 * An object that has members of JSON only, as JSON. An interface has no index signature, so that the compiler does not accept
 * it by itself.
 */
export function asJson(value: object): JsonValue {
  return value as unknown as JsonValue
}

/** Parameters of a run, as its submitter passes them. */
export type Params = Readonly<Record<string, JsonValue>>
