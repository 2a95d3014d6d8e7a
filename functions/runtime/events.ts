/** More than any key of a dataset needs. */
export const MAX_KEY_LENGTH = 256

/** What a sort key of the table has room for, encoded as it stands there. */
const MAX_ENCODED_KEY_LENGTH = 1_000

/** Whether a key from outside can be stored: 1 to 256 characters, whole ones, that fit a sort key. */
export function isStorableKey(key: unknown): key is string {
  if (typeof key !== 'string' || key === '' || key.length > MAX_KEY_LENGTH) return false
  return key.isWellFormed() && encodeURIComponent(key).length <= MAX_ENCODED_KEY_LENGTH
}
