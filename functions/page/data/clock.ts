import { signal } from '@preact/signals'

/** The time by which ages are written, in milliseconds since the epoch; it moves every second while the tab is visible. */
export const now = signal(Date.now())

setInterval(() => {
  if (!document.hidden) now.value = Date.now()
}, 1_000)
