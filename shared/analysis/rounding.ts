/** Rounds the exact value of a double, of any size, to a number of decimals; never −0. `null` stays `null`. */
export function roundTo(value: number | null, decimals: number): number | null {
  return value === null ? null : Number(value.toFixed(decimals)) + 0
}
