import { dataOf, listsOf } from '../data/charts.ts'
import { cellText, membersOf } from '../data/members.ts'
import { ColumnHeads } from './column-heads.tsx'

/** Rows that are shown; the raw response has all. */
const MAX_ROWS = 200

/** The data of a response as tables: the members of a record, and each list of records in it. */
export function Records({ body }: { readonly body: unknown }) {
  const data = dataOf(body)
  const lists = listsOf(data)
  const [only, ...others] = lists.flatMap(({ rows }) => rows)
  if (only && others.length === 0 && lists[0]?.path === '') return <Members members={membersOf(only)} />
  const members = membersOf(data).filter(([path]) => !lists.some((list) => isWithin(path, list.path)))
  return (
    <>
      {members.length > 0 ? <Members members={members} /> : null}
      {lists.map(({ path, rows }) => (
        <Rows key={path} rows={rows} path={path} />
      ))}
    </>
  )
}

function isWithin(path: string, list: string): boolean {
  return list === '' || path === list || path.startsWith(`${list}.`)
}

interface RowsProps {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly path: string
}

function Rows({ rows, path }: RowsProps) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const shown = rows.slice(0, MAX_ROWS)
  return (
    <section class="scroll" tabIndex={0} aria-label={path === '' ? 'Records' : path}>
      <table>
        <caption>
          {path === '' ? null : <code>{path}</code>} {countText(shown.length, rows.length)}
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

function countText(shown: number, all: number): string {
  if (shown < all) return `the first ${shown} of ${all} records`
  return all === 1 ? '1 record' : `${all} records`
}

function Members({ members }: { readonly members: ReturnType<typeof membersOf> }) {
  return (
    <table class="members">
      <tbody>
        {members.map(([name, member]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{cellText(member)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
