import * as z from 'zod'

/** A moment, with its meaning. */
export function instant(about: string) {
  return z.iso.datetime().describe(`${about}, ISO 8601 in UTC`)
}

/** A day of the calendar, with its meaning. */
export function day(about: string) {
  return z.iso.date().describe(`${about}, YYYY-MM-DD`)
}

/** A quantity as a decimal text, which has all digits of its source. */
export function decimal(about: string) {
  return z
    .string()
    .regex(/^-?\d+(\.\d+)?$/)
    .describe(`${about}; a decimal text`)
}

/** A score on the common scale. */
export function score(about: string) {
  return z.number().min(0).max(100).describe(`${about}, 0 to 100`)
}

/** A part of a whole. */
export function fraction(about: string) {
  return z.number().min(0).max(1).describe(`${about}, 0 to 1: 0.05 is 5 %`)
}

/** A number of things. */
export function count(about: string) {
  return z.int().min(0).describe(about)
}

/** A text with its meaning. */
export function text(about: string) {
  return z.string().describe(about)
}

/** A condition: the description states when it is `true`. */
export function flag(about: string) {
  return z.boolean().describe(about)
}

/** A price or a difference of prices of a share, in the unit in which its exchange quotes it. */
export function quotedPrice(about: string) {
  return z.number().describe(`${about}, in the unit of quote_currency`)
}

/** A price or an average of prices of a trading pair. */
export function pairPrice(about: string) {
  return z.number().describe(`${about}, in the quote asset`)
}

/** The currency of quoted prices. */
export const quoteCurrency = text('currency of the prices as the provider writes it, such as USD or GBp')

/** Why members are null. */
export const reasons = z.record(z.string(), z.string()).describe('why a member is null, by its name')

/** Whether parts are missing. */
export const degraded = flag('true: a part of the data is missing or was not renewed')

/** The level of risk that follows from a score. */
export const riskLevel = z
  .enum(['LOW', 'MEDIUM', 'HIGH', 'EXTREME'])
  .describe('LOW for a score from 80, MEDIUM from 60, HIGH from 40, else EXTREME')
