import { dataOf, listsOf } from '../data/charts.ts'

/** Rows that are shown; the raw response has all. */
const MAX_ROWS = 200

/** The data of a response as tables: each list of records, or the members of one record. */
export function Records({ body }: { readonly body: unknown }) {
  const data = dataOf(body)
  const lists = listsOf(data)
  const [only] = lists.length === 1 && lists[0]?.length === 1 ? lists[0] : []
  if (lists.length === 0 || only) return <Members value={only ?? data} />
  return (
    <>
      {lists.map((rows, index) => (
        <Rows key={index} rows={rows} />
      ))}
    </>
  )
}

function Rows({ rows }: { readonly rows: readonly Readonly<Record<string, unknown>>[] }) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const shown = rows.slice(0, MAX_ROWS)
  return (
    <section class="scroll" tabIndex={0} aria-label="Records">
      <table>
        <caption>
          {shown.length === rows.length
            ? `${rows.length} records`
            : `The first ${shown.length} of ${rows.length} records`}
        </caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th scope="col" key={column}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, index) => (
            <tr key={index}>
              {columns.map((column) => (
                <td key={column}>{cellText(row[column])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Members({ value }: { readonly value: unknown }) {
  return (
    <table class="members">
      <tbody>
        {membersOf(value).map(([name, member]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{cellText(member)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** The members of a record and of those in it, by their paths: `signals.ha_close`. */
export function membersOf(value: unknown, path = ''): readonly (readonly [path: string, member: unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]]
  return Object.entries(value).flatMap(([name, member]) =>
    membersOf(member, path === '' ? name : `${path}.${name}`),
  )
}

const MAX_TEXT = 300

/** A value as text: long ones are cut, because the raw response has them whole. */
export function cellText(value: unknown): string {
  if (value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`
}
