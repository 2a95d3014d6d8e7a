import type { Bounds, NumberForm } from '#shared/upstreams/fields.ts'

/** The type of a member of a sample: which field type reads it, and how its value is served. */
export type FieldType =
  /** A quantity, served as a decimal string. */
  | { readonly kind: 'figure'; readonly form: NumberForm; readonly bounds: Bounds }
  /** A JSON integer that counts or identifies. */
  | { readonly kind: 'whole'; readonly bounds: Bounds }
  | Instant
  | { readonly kind: 'date' | 'symbol' | 'word' | 'label' | 'address' | 'flag' }
  | { readonly kind: 'text'; readonly maxLength: number }
  | { readonly kind: 'list'; readonly of: FieldType }
  | RecordType

/** A time. Its values in the sample are milliseconds since the epoch. */
export interface Instant {
  readonly kind: 'instant'
  readonly unit: 's' | 'ms' | 'iso'
  readonly form: NumberForm
  readonly values: readonly number[]
}

/** An object with members. */
export interface RecordType {
  readonly kind: 'record'
  readonly members: readonly Member[]
}

/** One member of a record. */
export interface Member {
  /** As the provider names it. */
  readonly name: string
  /** In snake_case, as responses have it. */
  readonly served: string
  readonly type: FieldType
  /** Whether a row of the sample has no value of it. */
  readonly nullable: boolean
}

/** A member of the sample that the generated job does not read, and why. */
export interface LeftOut {
  readonly place: string
  readonly reason: string
}

/** Members of an object of a sample. */
export type SampleObject = Readonly<Record<string, unknown>>

/** Whether a type reads a time, so that its schema needs the time of the answer. */
export function hasInstant(type: FieldType): boolean {
  switch (type.kind) {
    case 'instant':
      return true
    case 'list':
      return hasInstant(type.of)
    case 'record':
      return type.members.some((member) => hasInstant(member.type))
    default:
      return false
  }
}
