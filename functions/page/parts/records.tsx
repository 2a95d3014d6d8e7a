import { dataOf, listsOf } from '../data/charts.ts'
import { cellText, membersOf } from '../data/members.ts'
import { ColumnHeads } from './column-heads.tsx'

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
        <Rows key={index} rows={rows} label={`Records ${index + 1} of ${lists.length}`} />
      ))}
    </>
  )
}

interface RowsProps {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly label: string
}

function Rows({ rows, label }: RowsProps) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const shown = rows.slice(0, MAX_ROWS)
  return (
    <section class="scroll" tabIndex={0} aria-label={label}>
      <table>
        <caption>
          {shown.length === rows.length
            ? `${rows.length} records`
            : `The first ${shown.length} of ${rows.length} records`}
        </caption>
        <ColumnHeads names={columns} />
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
