import { asJson, type JsonValue } from '#shared/domain/json.ts'
import { imageIdentity, usableImage } from '#shared/upstreams/check-ins/images.ts'

/** Members of records that have the address of an image. */
const IMAGE_MEMBERS = ['avatar', 'cover_image']

/**
 * A record as it is served: the address of an image that can no longer be fetched is `null`.
 *
 * @param now - milliseconds since the epoch
 */
export function withUsableImages<T extends object>(record: T, now: number): T {
  // only texts are replaced, by texts or null, which every address may be
  return mapImages(asJson(record), (address) => usableImage(address, now)) as unknown as T
}

/** What two records have to share to be the same: all but the signatures of their images. */
export function recordIdentity(record: object): JsonValue {
  return mapImages(asJson(record), imageIdentity)
}

/** A value with each address of an image changed. */
function mapImages(value: JsonValue, change: (address: string) => string | null): JsonValue {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((each) => mapImages(each, change))
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      IMAGE_MEMBERS.includes(name) && typeof member === 'string' ? change(member) : mapImages(member, change),
    ]),
  )
}

/**
 * The number of images of a record that can no longer be fetched. It only grows with time: two responses that are made of the
 * same record are equal if it is equal.
 *
 * @param now - milliseconds since the epoch
 */
export function expiredImages(record: object, now: number): number {
  let expired = 0
  mapImages(asJson(record), (address) => {
    if (usableImage(address, now) === null) expired += 1
    return address
  })
  return expired
}
