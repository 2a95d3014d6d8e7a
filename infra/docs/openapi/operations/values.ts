import * as z from 'zod'

/** ISO 8601 in UTC. */
export const time = z.iso.datetime()

export const nullableTime = time.nullable()
export const nullableText = z.string().nullable()

/** The values of a union of texts, each named once: the compiler refuses a missing one. */
export function valuesOf<T extends string>(values: Readonly<Record<T, true>>) {
  return z.enum(Object.keys(values) as T[])
}
