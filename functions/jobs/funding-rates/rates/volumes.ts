import { HOUR_MS } from '#shared/domain/duration.ts'
import type { Contract } from '#shared/systems/funding/contracts.ts'
import { type ListExpectation, listFault } from '#shared/upstreams/lists.ts'
import type { LostRow, Rows } from '#shared/upstreams/rows.ts'

/** A volume of 24 hours in units of the quote; `null` if it is not known. */
export interface Volume {
  readonly volume: string | null
  /** Says of which time the volume is, if it is not of the answer. */
  readonly note: string | null
}

/** The members of a stored record that say what volume it has, and of which time. */
interface RecordedVolume {
  readonly symbol: string
  readonly volume_24h: string | null
  readonly note: string | null
  readonly last_updated: string
}

/** The last known volumes, by symbol. */
export type StoredVolumes = ReadonlyMap<string, Volume>

const NOTE = 'volume_24h is of '

/** An older volume says nothing about the last 24 hours. */
const MAX_AGE_MS = 8 * HOUR_MS

/** The volumes of stored records, as far as they are recent; each keeps the time that it is of. */
export function storedVolumes(records: readonly RecordedVolume[], now: number): StoredVolumes {
  return new Map(
    records.map(({ symbol, volume_24h: volume, note, last_updated: updatedAt }) => {
      const time = note?.startsWith(NOTE) ? note.slice(NOTE.length) : updatedAt
      const isRecent = volume !== null && now - Date.parse(time) <= MAX_AGE_MS
      return [symbol, isRecent ? { volume, note: `${NOTE}${time}` } : UNKNOWN]
    }),
  )
}

/** Whether a volume is of an earlier time than its rate. */
export function isOldVolume({ note }: Volume): boolean {
  return note?.startsWith(NOTE) ?? false
}

const UNKNOWN: Volume = { volume: null, note: null }

/** The side list of volumes has to cover half of the requested contracts. */
const VOLUMES: ListExpectation = { name: 'volumes', mayBeEmpty: false, maxShrink: 1, minCoverage: 0.5 }

/** The volumes of the requested contracts. */
export interface Volumes {
  of(contract: Contract): Volume
  /** Requested contracts without a readable volume: their last one stays. */
  readonly lost: readonly LostRow[]
  /** Why the whole list is not believed: all last volumes stay. */
  readonly distrusted: readonly string[]
}

/**
 * Joins a list of volumes with the last known ones.
 *
 * @param note - says what the volumes of the list are
 */
export function volumesOf(
  { rows, lost }: Rows<{ readonly symbol: string; readonly quoteVolume: string }>,
  requested: readonly Contract[],
  stored: StoredVolumes,
  note: string | null = null,
): Volumes {
  const listed = new Map(rows.map(({ symbol, quoteVolume }) => [symbol, quoteVolume]))
  const covered = requested.filter(({ nativeSymbol }) => listed.has(nativeSymbol)).length
  const fault = listFault(VOLUMES, { rows: rows.length, covered, toCover: requested.length })
  const last = ({ symbol }: Contract) => stored.get(symbol) ?? UNKNOWN
  if (fault !== undefined) return { of: last, lost: [], distrusted: [fault] }
  const reasons = new Map(lost.map(({ name, message }) => [name, message]))
  return {
    of: (contract) => {
      const volume = listed.get(contract.nativeSymbol)
      return volume === undefined ? last(contract) : { volume, note }
    },
    lost: requested
      .filter(({ nativeSymbol }) => !listed.has(nativeSymbol))
      .map(({ symbol, nativeSymbol }) => ({
        name: symbol,
        message: reasons.get(nativeSymbol) ?? 'expected a volume of this contract, got none',
      })),
    distrusted: [],
  }
}
