/**
 * Share of the bar that an age takes: the left half is the time for which data are fresh, the right half the time for which
 * they are still served.
 *
 * @param ageMs - milliseconds; one below 0 counts as 0
 * @param freshMs - age until which data are fresh
 * @param staleMs - age until which they are served
 * @returns 0 to 1; never less for an older age
 */
export function barShare(ageMs: number, freshMs: number, staleMs: number): number {
  if (ageMs <= freshMs) return Math.max(0, ageMs) / Math.max(1, freshMs) / 2
  return Math.min(1, 0.5 + (ageMs - freshMs) / Math.max(1, staleMs - freshMs) / 2)
}
