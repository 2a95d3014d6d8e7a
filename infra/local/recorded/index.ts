import { coingecko } from './coingecko.ts'
import type { Recorded } from './provider.ts'

/** The stand-in of every provider that has one, by its name. */
export const recorded: Readonly<Record<string, Recorded>> = { coingecko }
