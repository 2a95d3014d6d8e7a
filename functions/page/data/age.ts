/**
 * Share of the bar that an age takes: the left half is the time for which data are fresh, the right half the time for which
 * they are still served.
 */
export function barShare(ageMs: number, freshMs: number, staleMs: number): number {
  if (ageMs <= freshMs) return Math.max(0, ageMs / freshMs) / 2
  return Math.min(1, 0.5 + (ageMs - freshMs) / Math.max(1, staleMs - freshMs) / 2)
}
