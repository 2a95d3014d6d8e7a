import type { AttributeValue } from '@aws-sdk/client-dynamodb'

/** Largest binary value of one record: a DynamoDB item has at most 400 KB, attributes included. */
export const MAX_BODY_BYTES = 300 * 1_024

export type Attributes = Record<string, AttributeValue>

/** A value of a record. */
export type AttributeInput =
  | string
  | number
  | boolean
  | Uint8Array
  | ReadonlySet<string>
  | { readonly [name: string]: AttributeInput | undefined }

/**
 * Converts a record to table attributes, without `undefined` members. The SDK's document client would exceed the size
 * budget of the reads bundle.
 *
 * @throws {TypeError} for a number that is not finite
 */
export function toAttributes(record: { readonly [name: string]: AttributeInput | undefined }): Attributes {
  const attributes: Attributes = {}
  for (const [name, value] of Object.entries(record)) {
    if (value !== undefined) attributes[name] = toAttribute(value)
  }
  return attributes
}

function toAttribute(value: AttributeInput): AttributeValue {
  if (typeof value === 'string') return { S: value }
  if (typeof value === 'boolean') return { BOOL: value }
  if (value instanceof Uint8Array) return { B: value }
  if (value instanceof Set) return { SS: [...value] }
  if (typeof value === 'object') return { M: toAttributes(value as { [name: string]: AttributeInput }) }
  if (Number.isFinite(value)) return { N: String(value) }
  throw new TypeError(`expected a finite number, got ${value}`)
}

/** The types of attributes that records have, by their names in DynamoDB. */
interface AttributeTypes {
  readonly S: string
  readonly N: string
  readonly BOOL: boolean
  readonly B: Uint8Array
  readonly SS: readonly string[]
  readonly M: Attributes
}

/**
 * Reads typed members of a stored record.
 *
 * @throws {TypeError} naming the attribute that is missing or has another type; the record then cannot be decoded
 */
export class Fields {
  readonly #attributes: Attributes

  constructor(attributes: Attributes) {
    this.#attributes = attributes
  }

  text(name: string): string {
    return this.#present(name, this.optionalText(name))
  }

  optionalText(name: string): string | undefined {
    return this.#typed(name, 'S')
  }

  number(name: string): number {
    return this.#present(name, this.optionalNumber(name))
  }

  optionalNumber(name: string): number | undefined {
    const text = this.#typed(name, 'N')
    return text === undefined ? undefined : Number(text)
  }

  flag(name: string): boolean {
    return this.#present(name, this.optionalFlag(name))
  }

  optionalFlag(name: string): boolean | undefined {
    return this.#typed(name, 'BOOL')
  }

  bytes(name: string): Uint8Array {
    return this.#present(name, this.optionalBytes(name))
  }

  optionalBytes(name: string): Uint8Array | undefined {
    return this.#typed(name, 'B')
  }

  texts(name: string): readonly string[] {
    return this.#present(name, this.#typed(name, 'SS'))
  }

  record(name: string): Fields {
    return this.#present(name, this.optionalRecord(name))
  }

  optionalRecord(name: string): Fields | undefined {
    const record = this.#typed(name, 'M')
    return record && new Fields(record)
  }

  /** A member that is stored as JSON text. @throws {SyntaxError} for text that is not JSON */
  optionalJson<T>(name: string): T | undefined {
    const text = this.optionalText(name)
    return text === undefined ? undefined : (JSON.parse(text) as T)
  }

  names(): string[] {
    return Object.keys(this.#attributes)
  }

  #typed<T extends keyof AttributeTypes>(name: string, type: T): AttributeTypes[T] | undefined {
    const attribute = this.#attributes[name] as Partial<AttributeTypes> | undefined
    if (attribute === undefined || attribute[type] !== undefined) return attribute?.[type]
    throw new TypeError(
      `expected the attribute ${name} to have the type ${type}, got ${Object.keys(attribute)}`,
    )
  }

  #present<T>(name: string, value: T | undefined): T {
    if (value === undefined) throw new TypeError(`expected the attribute ${name}`)
    return value
  }
}

/** Epoch seconds, rounded up: the unit of DynamoDB's TTL attribute. */
export function epochSeconds(ms: number): number {
  return Math.ceil(ms / 1_000)
}

/**
 * The attribute of a tombstone: what an item or a head is replaced with when it is purged, nothing but the fence that refuses
 * older writes.
 */
export const TOMBSTONE = 'isPurged'

/** Whether a record says that an item or a head was purged: it counts as absent. */
export function isTombstone(attributes: Attributes | undefined): boolean {
  return attributes?.[TOMBSTONE]?.BOOL === true
}
