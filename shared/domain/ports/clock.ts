/** The only source of time; virtual in tests and in the simulation. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Resolves after `ms` milliseconds, at once when `signal` is aborted; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** A number in [0, 1), uniformly distributed. */
export type Random = () => number
