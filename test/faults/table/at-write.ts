import { expect } from 'vitest'
import type { Store } from '#shared/domain/ports/store.ts'

interface Call {
  readonly part: keyof Store
  readonly writes: boolean
  /** The same for every attempt of one call; without it, each is another. */
  readonly call?: unknown
}

/** A fault at one write of a run. */
export interface Strike<F> {
  readonly script: (call: Call) => F | 'pass'
  /** Whether there was such a write at all. */
  readonly struck: () => boolean
}

/** Lets the nth write go so and all else well. What is written of upstreams belongs to all jobs, and is not counted. */
export function atWrite<F>(nth: number, fate: F): Strike<F> {
  const { number, count } = writeCounter()
  return { script: (call) => (number(call) === nth ? fate : 'pass'), struck: () => count() >= nth }
}

/** Lets everything go so from the nth write on. */
export function fromWrite<F>(nth: number, fate: F): Strike<F> {
  const { number, count } = writeCounter()
  const struck = () => count() >= nth
  return {
    script: (call) => {
      number(call)
      return struck() ? fate : 'pass'
    },
    struck,
  }
}

/**
 * Tries a fault at one write after another, until a run has no further one.
 *
 * @param attempt - says whether there was such a write
 */
export async function atEachWrite(attempt: (nth: number) => Promise<boolean>): Promise<void> {
  let nth = 1
  while (await attempt(nth)) nth += 1
  expect(nth, 'a run opens, takes the lease, publishes, closes and releases').toBeGreaterThan(5)
}

function writeCounter() {
  const calls: unknown[] = []
  return {
    count: () => calls.length,
    /** Of a write, from one; attempts of one call share it. */
    number: ({ part, writes, call = {} }: Call) => {
      if (!writes || part === 'upstreams') return undefined
      if (!calls.includes(call)) calls.push(call)
      return calls.indexOf(call) + 1
    },
  }
}
