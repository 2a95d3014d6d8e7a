import type * as z from 'zod/mini'
import { excerpt } from '#shared/domain/redaction.ts'

/** A row, or a part of one, that could not be used. */
export interface LostRow {
  /** The row's own name, such as its symbol; `undefined` when the name cannot be read. */
  readonly name: string | undefined
  /** Expected and got. */
  readonly message: string
}

/** The rows of a list that parse, in order, and those that are lost. */
export interface Rows<T> {
  readonly rows: readonly T[]
  readonly lost: readonly LostRow[]
}

/**
 * Reads each row of a list by itself. A row that does not parse is lost, and so is a second row of the same name.
 *
 * @param nameOf - names a parsed row
 * @param rawName - the member of an unparsed row that has its name
 */
export function readRows<T>(
  list: readonly unknown[],
  row: z.ZodMiniType<T>,
  nameOf: (row: T) => string,
  rawName = 'symbol',
): Rows<T> {
  const rows = new Map<string, T>()
  const lost: LostRow[] = []
  for (const raw of list) {
    const parsed = row.safeParse(raw)
    if (!parsed.success) {
      lost.push({ name: nameOfRaw(raw, rawName), message: issuesText(parsed.error.issues) })
      continue
    }
    const name = nameOf(parsed.data)
    if (rows.has(name)) lost.push({ name, message: `expected one row of ${name}, got a second` })
    else rows.set(name, parsed.data)
  }
  return { rows: [...rows.values()], lost }
}

/**
 * As {@link readRows}, for rows with personal data: a lost row is named by its place in the list, and no message has a value
 * of it, if the fields of the row are those of {@link privateField}.
 *
 * @param idOf - identifies a parsed row
 */
export function readPrivateRows<T>(
  list: readonly unknown[],
  row: z.ZodMiniType<T>,
  idOf: (row: T) => string,
): Rows<T> {
  const rows = new Map<string, T>()
  const lost: LostRow[] = []
  for (const [index, raw] of list.entries()) {
    const name = `row ${index + 1}`
    const parsed = row.safeParse(raw)
    if (!parsed.success) lost.push({ name, message: issuesText(parsed.error.issues) })
    else if (rows.has(idOf(parsed.data)))
      lost.push({ name, message: 'expected one row of each id, got a second' })
    else rows.set(idOf(parsed.data), parsed.data)
  }
  return { rows: [...rows.values()], lost }
}

/** Moves the rows that contradict something to the lost ones. */
export function withoutFaults<T>(
  { rows, lost }: Rows<T>,
  faultOf: (row: T) => string | undefined,
  nameOf: (row: T) => string,
): Rows<T> {
  const good: T[] = []
  const faults: LostRow[] = []
  for (const row of rows) {
    const message = faultOf(row)
    if (message === undefined) good.push(row)
    else faults.push({ name: nameOf(row), message })
  }
  return { rows: good, lost: [...lost, ...faults] }
}

/**
 * Refuses an answer of which too many rows are lost: it is not believed.
 *
 * @param kind - what the rows are, a plural noun
 * @param total - the number of all rows
 * @param maxShare - the largest share of them that may be lost: with 0.1, a tenth
 * @throws {TypeError} naming the first lost row
 */
export function expectFewLost(
  kind: string,
  lost: readonly LostRow[],
  { total, maxShare }: { readonly total: number; readonly maxShare: number },
): void {
  const [first] = lost
  if (!first || lost.length <= maxShare * total) return
  const percent = Math.round(100 * maxShare)
  const name = first.name === undefined ? '' : `${first.name}: `
  throw new TypeError(
    `expected at most ${percent} % of ${total} ${kind} to be unusable, got ${lost.length}; ${name}${first.message}`,
  )
}

/** The issues of a schema error on one line. */
function issuesText(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]) {
  return issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`))
    .join('; ')
}

const MAX_NAME_LENGTH = 40

function nameOfRaw(raw: unknown, member: string): string | undefined {
  const name = (raw as Readonly<Record<string, unknown>> | null | undefined)?.[member]
  return typeof name === 'string' && name !== '' ? excerpt(name, MAX_NAME_LENGTH) : undefined
}
