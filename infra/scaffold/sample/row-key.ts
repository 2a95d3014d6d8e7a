import { UsageError } from '#infra/command/report-user-errors.ts'
import { symbol } from '#shared/upstreams/fields.ts'
import type { Member, RecordType } from './field-type.ts'
import type { Layout } from './layout.ts'

/** The member of a row that names it. */
export interface RowKey {
  readonly name: string
  readonly served: string
  /** Whether the provider writes it as a number. */
  readonly isNumber: boolean
}

/** Names for the key of a map, which the provider does not name: the first that no member of a row has. */
const KEYS_OF_MAPS = ['symbol', 'name', 'key', 'row_name']

/**
 * The key of the rows of a list or a map.
 *
 * @param name - as `--key` has it
 * @throws {UsageError} for a list without a member that can be the key, or with several, and for values that are not distinct
 */
export function rowKey(layout: Layout, { members }: RecordType, name: string | undefined): RowKey {
  if (layout.kind === 'map') return mapKey(members, name ?? freeKey(members), layout)
  const candidates = members.filter((member) => isCandidate(member, layout))
  const names = candidates.map((member) => member.name).join(', ')
  if (name !== undefined) {
    const member = candidates.find((candidate) => candidate.name === name)
    if (member) return keyOf(member)
    throw new UsageError(
      `--key: expected a member with a distinct name in every row (${names || 'none'}), got ${name}`,
    )
  }
  const [only] = candidates
  if (only && candidates.length === 1) return keyOf(only)
  if (!only) throw new UsageError('--key: expected a member with a distinct name in every row, got none')
  throw new UsageError(`--key: expected one of ${names}, which are all distinct in every row; got nothing`)
}

function freeKey(members: readonly Member[]): string {
  return KEYS_OF_MAPS.find((name) => !members.some(({ served }) => served === name)) ?? ''
}

function keyOf({ name, served, type }: Member): RowKey {
  return { name, served, isNumber: type.kind === 'whole' }
}

function isCandidate({ name, type, nullable }: Member, { records }: Layout): boolean {
  const isName = type.kind === 'symbol' || type.kind === 'word' || type.kind === 'whole'
  if (nullable || !isName) return false
  const values = records.map((record) => String(record[name]))
  const isLegal = type.kind === 'whole' || values.every((value) => symbol().safeParse(value).success)
  return isLegal && new Set(values).size === values.length
}

function mapKey(members: readonly Member[], name: string, { keys }: Layout): RowKey {
  if (!/^[a-z][a-z0-9_]*$/.test(name))
    throw new UsageError(`--key: expected a name such as symbol for the keys of the map, got ${name}`)
  if (members.some(({ served }) => served === name))
    throw new UsageError(`--key: expected a name for the keys of the map that no member has, got ${name}`)
  const wrong = keys.find((key) => !symbol().safeParse(key).success)
  if (wrong !== undefined)
    throw new UsageError(
      `--from: expected keys of 2 to 40 letters, digits, _, - and ., got ${JSON.stringify(wrong)}; --rows none reads the map as one record`,
    )
  return { name, served: name, isNumber: false }
}
