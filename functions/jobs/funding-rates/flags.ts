/** The legal values of a flag, for error messages. */
export const FLAG_VALUES = 'true, false, 1, 0'

/** A flag of a query or a body: false if absent, `undefined` if illegal. */
export function parseFlag(value: unknown): boolean | undefined {
  if (value === undefined) return false
  if (value === true || value === 'true' || value === '1' || value === 1) return true
  if (value === false || value === 'false' || value === '0' || value === 0) return false
  return undefined
}
