import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'

type Connections = UpstreamState['connections']

/** A run that waits for connections is counted for so long. */
const WAIT_ENTRY_MS = 5_000

/** What runs may have open, without those whose last call has ended long since. */
export function activeConnections(connections: Connections, now: number): Connections {
  return Object.fromEntries(Object.entries(connections).filter(([, { until }]) => until > now))
}

/**
 * How many connections a run may open: what the others leave; while another run waits for any, its even share.
 *
 * @param wanted - what it could use
 * @param limit - of the provider, all runs together
 */
export function connectionShare(others: Connections, wanted: number, limit: number): number {
  const held = Object.values(others)
  const left = limit - held.reduce((sum, { max }) => sum + max, 0)
  const even = Math.max(1, Math.floor(limit / (held.length + 1)))
  const isAwaited = held.some(({ max }) => max === 0)
  return Math.max(0, Math.min(wanted, left, isAwaited ? even : left))
}

/** The entry of a run that waits. */
export function waitEntry(now: number) {
  return { max: 0, until: now + WAIT_ENTRY_MS }
}
