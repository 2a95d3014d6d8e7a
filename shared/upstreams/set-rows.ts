import type * as z from 'zod/mini'
import { type LostRow, type Rows, readRows } from './rows.ts'

/** The rows of a list that is stored as a set, by name. */
export interface SetRows<T> extends Rows<T> {
  /** Lost rows of which a value is stored; that value stays. `lost` has the others. */
  readonly missing: readonly { readonly key: string; readonly message: string }[]
}

/** How the rows of a list are named, and what is stored of them. */
interface SetRowsOptions<T> {
  /** Names a parsed row. */
  readonly nameOf: (row: T) => string
  /** The member of an unparsed row that has its name. */
  readonly rawName: string
  /** The names of the stored rows. */
  readonly storedKeys: Iterable<string> | undefined
}

/**
 * Reads each row of a list by itself, as {@link readRows}. A stored row stays if the list has it and it cannot be read, and if
 * it is absent while a row without a readable name is lost, which could be the same.
 */
export function readSetRows<T>(
  list: readonly unknown[],
  row: z.ZodMiniType<T>,
  { nameOf, rawName, storedKeys = [] }: SetRowsOptions<T>,
): SetRows<T> {
  const { rows, lost } = readRows(list, row, nameOf, rawName)
  const present = new Set(rows.map(nameOf))
  const reasons = new Map(lost.map(({ name, message }) => [name, message]))
  const missing = [...storedKeys].flatMap((key) => {
    const message = reasons.get(key) ?? reasons.get(undefined)
    return present.has(key) || message === undefined ? [] : [{ key, message }]
  })
  const kept = new Set<LostRow['name']>(missing.map(({ key }) => key))
  return { rows, missing, lost: lost.filter(({ name }) => name === undefined || !kept.has(name)) }
}
