import { livePath, type RouteRow } from '#shared/http/routes.ts'

/** What the gateway knows of a route: whom it lets through, and by which function it is answered. */
export type GatewayRoute = Pick<RouteRow, 'methods' | 'path' | 'access' | 'serves'>

/** Every path that a live twin may have. */
const LIVE_PATHS = livePath({ path: '/{proxy+}' })

/**
 * The rows of the route table as the gateway has them, each method of each a route and a resource of the stack: row by
 * row, but the live twins of all jobs together. They share their guard and their function, whose router tells them apart.
 *
 * @returns no route for live twins where there is none
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export function gatewayRoutes(rows: readonly GatewayRoute[]): readonly GatewayRoute[] {
  const twins = rows.filter(isLive)
  if (twins.length === 0) return rows
  const methods = [...new Set(twins.flatMap((row) => row.methods))]
  return [
    ...rows.filter((row) => !isLive(row)),
    { methods, path: LIVE_PATHS, access: 'operator', serves: 'live' },
  ]
}

/** Whether a row would take requests from the live twins: the gateway prefers it to the route that they share. */
export function overlapsLivePaths({ path, serves }: GatewayRoute): boolean {
  if (serves === 'live') return false
  const [, ...prefix] = livePath({ path: '' }).split('/')
  const [, ...segments] = path.split('/')
  return (
    segments.length > prefix.length &&
    prefix.every((name, index) => segments[index] === name || segments[index]?.startsWith('{'))
  )
}

function isLive({ serves }: GatewayRoute): boolean {
  return serves === 'live'
}
