const BARS_BEFORE = 20
const TIMES = 1.2

/**
 * Whether the newest bar was traded clearly more than usual: above 1.2 times the mean of the 20 bars before it.
 *
 * @param volumes - of closed bars, oldest first
 * @returns `null` below 21 bars
 */
export function volumeConfirmation(volumes: readonly number[]): boolean | null {
  const last = volumes.at(-1)
  if (last === undefined || volumes.length <= BARS_BEFORE) return null
  const usual = volumes.slice(-1 - BARS_BEFORE, -1).reduce((mean, volume) => mean + volume / BARS_BEFORE, 0)
  return last > TIMES * usual
}
