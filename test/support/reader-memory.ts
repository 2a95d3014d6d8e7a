import { findings } from './findings.ts'

/** What one reader has been told so far: never may it be told less. Milliseconds since the epoch. */
export interface Memory {
  readonly updatedAt: number
  readonly fetchedAt: number
  /** The upstream confirmed it then or later. */
  readonly checkedSince: number
}

/** Between when and when an upstream confirmed what is served, going by its age. Milliseconds since the epoch. */
export interface Checked {
  readonly from: number
  readonly to: number
}

/** A reader's memory of all that it was told, an answer included. */
export function remembered(told: Memory, memory: Memory = told): Memory {
  return {
    updatedAt: Math.max(told.updatedAt, memory.updatedAt),
    fetchedAt: Math.max(told.fetchedAt, memory.fetchedAt),
    checkedSince: Math.max(told.checkedSince, memory.checkedSince),
  }
}

/** In what an answer goes back behind a reader's memory. */
export function stepsBack(
  told: Pick<Memory, 'updatedAt' | 'fetchedAt'>,
  { to }: Checked,
  { updatedAt, fetchedAt, checkedSince }: Memory,
): string[] {
  const back = (what: string, seen: number, got: number) =>
    `expected ${what} ${seen} or later, as seen before; got ${got}`
  return findings([
    [told.updatedAt >= updatedAt, back('updated_at', updatedAt, told.updatedAt)],
    [told.fetchedAt >= fetchedAt, back('fetched_at', fetchedAt, told.fetchedAt)],
    [to >= checkedSince, back('what was confirmed at', checkedSince, to)],
  ])
}
