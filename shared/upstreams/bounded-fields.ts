import * as z from 'zod/mini'
import { BEYOND, field, isText } from './field.ts'
import type { Bounds } from './fields.ts'
import { httpAddress } from './http-address.ts'

/*
 * Field types whose bounds the job states, beside `figure` and `instant`: those of `fields.ts` know their own. The generator
 * of datasets writes them, with bounds that the author confirms.
 */

/** A whole number that is written as a JSON number, such as a rank. */
export const whole = (bounds: Bounds) =>
  field(`a whole number from ${bounds.min} to ${bounds.max}`, (value) => {
    if (!Number.isSafeInteger(value)) return undefined
    const number = value as number
    return number >= bounds.min && number <= bounds.max ? number : BEYOND
  })

/** A window of times around the time of the answer; milliseconds. */
interface TimeWindow {
  readonly now: number
  readonly maxPastMs: number
  readonly maxAheadMs: number
}

/** With its zone: a time without one could be any of a day. */
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/

/** The epoch time of a text such as `2026-11-28T10:00:00Z`, in milliseconds; `undefined` for anything else. */
export function isoTime(value: unknown): number | undefined {
  const at = isText(value) && ISO_TIME.test(value) ? Date.parse(value) : Number.NaN
  return Number.isFinite(at) ? at : undefined
}

/** A time that is written in ISO 8601 with its zone, as milliseconds since the epoch. */
export const isoInstant = ({ now, maxPastMs, maxAheadMs }: TimeWindow) =>
  field('a time such as 2026-11-28T10:00:00Z close to the time of the answer', (value) => {
    const at = isoTime(value)
    if (at === undefined) return undefined
    return at >= now - maxPastMs && at <= now + maxAheadMs ? at : BEYOND
  })

const CONTROL = /[\p{Cc}\p{Cf}\p{Cs}]/u

/** A text for readers that is longer than a label: no control character but line breaks and tabs. */
export const longText = (maxLength: number) =>
  field(`a text of 1 to ${maxLength} characters`, (value) => {
    if (!isText(value) || CONTROL.test(value.replaceAll(/[\r\n\t]/g, ' '))) return undefined
    const text = value.trim()
    if (text === '') return undefined
    return text.length <= maxLength ? text : BEYOND
  })

/** A link of a provider that may be stored and shown; `null` for one that may not. */
export const address = () =>
  z.pipe(
    z.unknown(),
    z.transform((value) => httpAddress(value)),
  )
