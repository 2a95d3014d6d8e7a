import type { RouteRow } from '#shared/http/routes.ts'

/** Where a request leads. */
export type Match =
  | { readonly found: true; readonly row: RouteRow; readonly parameters: Readonly<Record<string, string>> }
  | { readonly found: false; readonly status: 404 }
  | { readonly found: false; readonly status: 405; readonly row: RouteRow }

/**
 * A router over the route table. Paths arrive decoded from the gateway and are not decoded again.
 *
 * @returns a function that matches a method and a path; a literal segment wins over a parameter
 */
export function router(table: readonly RouteRow[]): (method: string, path: string) => Match {
  const literal = new Map(table.filter(({ path }) => !path.includes('{')).map((row) => [row.path, row]))
  const patterns = table
    .filter(({ path }) => path.includes('{'))
    .map((row) => ({ row, pattern: pathPattern(row.path) }))

  const find = (path: string): Extract<Match, { found: true }> | undefined => {
    const row = literal.get(path)
    if (row) return { found: true, row, parameters: {} }
    for (const candidate of patterns) {
      const match = candidate.pattern.exec(path)
      if (match) return { found: true, row: candidate.row, parameters: { ...match.groups } }
    }
    return undefined
  }

  return (method, path) => {
    const match = find(path)
    if (!match) return { found: false, status: 404 }
    return match.row.methods.includes(method) ? match : { found: false, status: 405, row: match.row }
  }
}

function pathPattern(path: string): RegExp {
  const source = path
    .split('/')
    .map((segment) => {
      const name = /^\{([a-z_]+)\}$/.exec(segment)?.[1]
      return name === undefined ? segment.replaceAll(/[.~-]/g, '\\$&') : `(?<${name}>[^/]+)`
    })
    .join('/')
  return new RegExp(`^${source}$`, 'u')
}
