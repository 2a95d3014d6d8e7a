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

/**
 * `JSON.parse` that loses no digit: a number that a double cannot hold becomes an {@link ExactNumber}.
 *
 * @throws {SyntaxError} when `text` is not JSON
 * @throws {RangeError} when it is nested deeper than the stack
 */
export function parseJson(text: string): unknown {
  if (!MAY_LOSE_DIGITS.test(text)) return JSON.parse(text)
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    const source = context?.source
    if (typeof value !== 'number' || source === undefined) return value
    return plainDecimal(source) === plainDecimal(String(value)) ? value : new ExactNumber(source)
  })
}

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
