import { type Job, storesRecords } from '#shared/declare/job.ts'
import { decompress } from '#shared/domain/codec.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import type { Item } from '#shared/domain/records/publication.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import type { Previous } from './refresh.ts'

/** A stored item of the job itself; its payload and its memory are decoded on first access. */
export function storedValue(item: Item, job: Pick<Job, 'reads' | 'envelope'>): Previous {
  const { memory } = item
  return decodedOnAccess(item, () => storedData(item.body, job), memory && (() => decodedJson(memory)))
}

/** A stored item of an input, which stores bare records. */
export function storedRecord(item: Item): Previous {
  return decodedOnAccess(item, () => decodedJson(item.body))
}

/** The payload of a stored item: the body itself, or what its envelope contains. */
export function storedData(body: Uint8Array, job: Pick<Job, 'reads' | 'envelope'>): JsonValue {
  const json = decodedJson(body)
  return storesRecords(job) ? json : envelopeOf(job.envelope).unwrap(json)
}

function decodedOnAccess(
  { asOf, checkedAt }: Pick<Item, 'asOf' | 'checkedAt'>,
  decodeData: () => JsonValue,
  decodeMemory?: () => JsonValue,
): Previous {
  let data: JsonValue | undefined
  let memory: JsonValue | undefined
  return {
    asOf,
    checkedAt,
    get data() {
      data ??= decodeData()
      return data
    },
    get memory() {
      memory ??= decodeMemory?.()
      return memory
    },
  }
}

function decodedJson(bytes: Uint8Array): JsonValue {
  return JSON.parse(decompress(bytes).toString('utf8')) as JsonValue
}
