/** A number whose digits a double cannot hold: kept as it was written. */
export class ExactNumber {
  readonly source: string

  constructor(source: string) {
    this.source = source
  }

  toJSON(): string {
    return this.source
  }
}

/** Sixteen digits or more (with or without a point) may not survive a double; fewer always do. */
const MAY_LOSE_DIGITS = /\d[\d.]{15,}/
const MIN_LOSSY_LENGTH = 16

/**
 * `JSON.parse` that loses no digit: a number that a double cannot hold becomes an {@link ExactNumber}. Digits within
 * strings cost nothing: exchanges write prices so.
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

/** Whether a number outside of strings may lose digits. Only what lies between two strings is looked at. */
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

/** Where the text goes on after the string that opens at an index; its end when the string does not close. */
function afterString(text: string, opening: number): number {
  let closing = text.indexOf('"', opening + 1)
  while (closing >= 0 && isEscaped(text, closing)) closing = text.indexOf('"', closing + 1)
  return closing < 0 ? text.length : closing + 1
}

/** Whether an odd number of backslashes stands before a quote. */
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

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/** What a run was asked for beside its job, as the one who asked may say it. */
export type Params = Readonly<Record<string, JsonValue>>
