import { dataOf, listsOf } from '../data/charts.ts'

/** Rows that are shown; the raw response has all. */
const MAX_ROWS = 200

/** The data of a response as tables: each list of records, or the members of one record. */
export function Records({ body }: { readonly body: unknown }) {
  const data = dataOf(body)
  const lists = listsOf(data)
  if (lists.length === 0) return <Members value={data} />
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
  if (typeof value !== 'object' || value === null) return <p>{cellText(value)}</p>
  return (
    <table>
      <tbody>
        {Object.entries(value).map(([name, member]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{cellText(member)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const MAX_TEXT = 300

/** A value as text: long ones are cut, because the raw response has them whole. */
export function cellText(value: unknown): string {
  if (value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`
}
