import { signal } from '@preact/signals'

/** How far the clock of the system is ahead of the browser's, in milliseconds. */
let aheadMs = 0

/** A difference up to this is that of transport: `Date` has whole seconds. */
const TOLERANCE_MS = 10_000

/** The time by which ages are written, in milliseconds since the epoch; it moves every second while the tab is visible. */
export const now = signal(Date.now())

/** Follows the clock of the system, by the `Date` of a response: that of the browser may be wrong by hours. */
export function followClock(date: string | undefined): void {
  const ahead = Date.parse(date ?? '') - Date.now()
  if (Number.isNaN(ahead)) return
  aheadMs = Math.abs(ahead) <= TOLERANCE_MS ? 0 : ahead
  now.value = Date.now() + aheadMs
}

setInterval(() => {
  if (!document.hidden) now.value = Date.now() + aheadMs
}, 1_000)
