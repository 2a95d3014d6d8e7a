import { type OperationRoute, operationRoutes } from '#shared/http/operation-routes.ts'
import { Refused } from './refused.ts'

interface Matched {
  readonly row: OperationRoute
  readonly id: string
}

/**
 * Finds the operation of a method and a path; HEAD is asked as GET.
 *
 * @throws {Refused} 404 for a path that no operation has, 405 with `Allow` for another method
 */
export function route(method: string, path: string): Matched {
  const there = operationRoutes.flatMap((row): Matched[] => {
    const id = idIn(row.path, path)
    return id === undefined ? [] : [{ row, id }]
  })
  const asked = method === 'HEAD' ? 'GET' : method
  const found = there.find(({ row }) => row.method === asked)
  if (found) return found
  if (there.length === 0) throw new Refused({ status: 404, message: 'No operation stands at this path' })
  const methods = new Set(there.flatMap(({ row }) => (row.method === 'GET' ? ['GET', 'HEAD'] : [row.method])))
  const allow = [...methods].join(', ')
  throw new Refused({ status: 405, message: `This path answers ${allow}`, headers: { allow } })
}

/** What stands for `{id}`, an empty text where the template has none; `undefined` when the path is another one. */
function idIn(template: string, path: string): string | undefined {
  const expected = template.split('/')
  const got = path.split('/')
  if (expected.length !== got.length) return undefined
  const place = expected.indexOf('{id}')
  const fits = expected.every((segment, index) => index === place || segment === got[index])
  const id = place < 0 ? '' : got[place]
  return fits && (place < 0 || id !== '') ? id : undefined
}
