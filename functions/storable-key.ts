/** More than any key of a dataset needs. */
export const LONGEST_KEY = 256

/** What a sort key of the table has room for, encoded as it stands there. */
const LONGEST_ENCODED_KEY = 1_000

/** Whether a key from outside can be stored: 1 to 256 characters, whole ones, that fit a sort key. */
export function isStorableKey(key: unknown): key is string {
  if (typeof key !== 'string' || key === '' || key.length > LONGEST_KEY) return false
  return key.isWellFormed() && encodeURIComponent(key).length <= LONGEST_ENCODED_KEY
}
