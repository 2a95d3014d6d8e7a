import { createHash } from 'node:crypto'
import type { PriceSystem } from './price-processes.ts'
import type { FailingTable } from './tables.ts'

export const KB = 1_000

/** From now on the value of each symbol carries so many bytes that cannot be compressed. */
export function fatten(system: PriceSystem<FailingTable>, bytesOf: (symbol: string) => number): void {
  carry(system, (symbol) => incompressible(symbol, bytesOf(symbol)))
}

/** From now on the value of each symbol carries this text. */
export function carry(
  { work: { refresh } }: PriceSystem<FailingTable>,
  textOf: (symbol: string) => string,
): void {
  refresh.item = (value) => ({
    data: { ...value, more: textOf(value.symbol) },
    asOf: value.at,
    degraded: false,
  })
}

/** Text with so many bytes of entropy, the same for the same seed. */
export function incompressible(seed: string, bytes: number): string {
  if (bytes === 0) return ''
  return createHash('shake256', { outputLength: Math.floor(bytes) })
    .update(seed)
    .digest('base64')
}
