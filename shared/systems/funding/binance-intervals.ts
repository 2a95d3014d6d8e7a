import * as z from 'zod/mini'
import { intervalHours, rowList, symbol } from '#shared/upstreams/fields.ts'
import { type ListExpectation, listFault } from '#shared/upstreams/lists.ts'
import { type LostRow, readRows } from '#shared/upstreams/rows.ts'
import type { Contract } from './contracts.ts'

/** The call for the settlement intervals. The list has only contracts whose conditions have been adjusted. */
export const INTERVALS_PATH = '/fapi/v1/fundingInfo'

/** The interval of a contract that the list does not have. */
const DEFAULT_HOURS = 8

/** Without a stored list, an empty one is an answer: every contract has the default interval then. */
const INTERVALS: ListExpectation = { name: 'intervals', mayBeEmpty: true, maxShrink: 0.5, minCoverage: 0 }

const row = z.object({ symbol: symbol(), fundingIntervalHours: intervalHours('number', 'hours') })

/** The settlement interval of a contract; `null` if it is not known. */
interface Interval {
  readonly hours: number | null
  /** Whether the list has the contract. */
  readonly isListed: boolean
}

/** The settlement intervals of Binance's contracts. */
export interface Intervals {
  of(symbol: string): Interval
  readonly lost: readonly LostRow[]
  /** Contracts that the stored list had and this one does not: their stored intervals stay. */
  readonly dropped: readonly string[]
  /** Why the list is not believed; all stored intervals stay then. */
  readonly distrusted: readonly string[]
}

/**
 * Reads the list of intervals. Where it is not believed, and where a row of it cannot be read or is missing for the first
 * time, the stored interval stays: never the default one in its place.
 *
 * @param body - `null` when the list could not be fetched
 * @param stored - the stored contracts with their intervals
 * @throws for a body that is not a list
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Get-Funding-Rate-Info
 */
export function readIntervals(body: unknown, stored: readonly Contract[]): Intervals {
  const storedContracts = new Map(stored.map((contract) => [contract.nativeSymbol, contract]))
  const storedInterval = (name: string): Interval => {
    const contract = storedContracts.get(name)
    return { hours: contract?.intervalHours ?? null, isListed: contract !== undefined && wasListed(contract) }
  }
  const listedBefore = stored.filter(wasListed)
  const { rows, lost } = readRows(body === null ? [] : rowList().parse(body), row, (one) => one.symbol)
  const fault =
    body === null
      ? 'intervals: expected a list, got no answer'
      : listFault(INTERVALS, {
          rows: rows.length,
          storedRows: listedBefore.length,
        })
  if (fault !== undefined) return { of: storedInterval, lost, dropped: [], distrusted: [fault] }
  const hours = new Map(rows.map((one) => [one.symbol, one.fundingIntervalHours]))
  const unreadable = new Set(lost.map(({ name }) => name))
  const dropped = listedBefore
    .map(({ nativeSymbol }) => nativeSymbol)
    .filter((name) => !hours.has(name) && !unreadable.has(name))
  const absent = new Set(dropped)
  return {
    of: (name) => {
      const listed = hours.get(name)
      if (listed !== undefined) return { hours: listed, isListed: true }
      if (unreadable.has(name)) return storedInterval(name)
      if (absent.has(name)) return { ...storedInterval(name), isListed: false }
      return { hours: DEFAULT_HOURS, isListed: false }
    },
    lost,
    dropped,
    distrusted: [],
  }
}

/** Records of earlier versions do not say whether a contract was listed: any interval but the default one was. */
function wasListed({ isIntervalListed, intervalHours: hours }: Contract): boolean {
  return isIntervalListed ?? (hours !== null && hours !== DEFAULT_HOURS)
}
