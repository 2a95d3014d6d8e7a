import type { RouteRow } from './routes.ts'

/** The result of matching a request. */
export type Match<Row = RouteRow> =
  | { readonly isMatch: true; readonly row: Row; readonly parameters: Readonly<Record<string, string>> }
  | { readonly isMatch: false; readonly status: 404 }
  /** The rows of the path; none of them has the method. */
  | { readonly isMatch: false; readonly status: 405; readonly rows: readonly [Row, ...Row[]] }

interface Candidate<Row> {
  readonly row: Row
  readonly parameters: Readonly<Record<string, string>>
}

/**
 * A router over the route table. The gateway has decoded the path; it must not be decoded again.
 *
 * @returns a function that matches a method and a path; literal paths take precedence over patterns
 */
export function router<Row extends Pick<RouteRow, 'methods' | 'path'>>(
  table: readonly Row[],
): (method: string, path: string) => Match<Row> {
  const literal: ReadonlyMap<string, readonly Candidate<Row>[]> = Map.groupBy(
    table.filter(({ path }) => !path.includes('{')).map((row) => ({ row, parameters: {} })),
    ({ row }) => row.path,
  )
  const patterns = table
    .filter(({ path }) => path.includes('{'))
    .map((row) => ({ row, pattern: pathPattern(row.path) }))

  const candidates = (path: string): readonly Candidate<Row>[] => {
    const rows = literal.get(path)
    if (rows) return rows
    return patterns.flatMap(({ row, pattern }) => {
      const match = pattern.exec(path)
      return match ? [{ row, parameters: { ...match.groups } }] : []
    })
  }

  return (method, path) => {
    const all = candidates(path)
    const candidate = all.find(({ row }) => row.methods.includes(method))
    if (candidate) return { isMatch: true, ...candidate }
    const [first, ...others] = all
    if (!first) return { isMatch: false, status: 404 }
    return { isMatch: false, status: 405, rows: [first.row, ...others.map(({ row }) => row)] }
  }
}

function pathPattern(path: string): RegExp {
  const source = path
    .split('/')
    .map((segment) => {
      const name = /^\{([a-z_]+)\}$/.exec(segment)?.[1]
      return name === undefined ? segment.replaceAll('.', '\\.') : `(?<${name}>[^/]+)`
    })
    .join('/')
  return new RegExp(`^${source}$`, 'u')
}
