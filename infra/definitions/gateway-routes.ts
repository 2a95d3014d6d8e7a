import { livePath, type RouteRow } from '#shared/http/routes.ts'

/** A route of the gateway: its methods and path, its access, and what serves it. */
export type GatewayRoute = Pick<RouteRow, 'methods' | 'path' | 'access' | 'serves'>

/** The path of all live reads. */
const LIVE_PATHS = livePath({ path: '/{proxy+}' })

/**
 * The rows of the route table as routes of the gateway, of which each method is a resource of the stack. The live reads of
 * all jobs share one route, because they have the same authorizer and function; the function's router distinguishes them.
 * The files of the page have none: `$default`, which no stage guards, leads to them.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export function gatewayRoutes(rows: readonly GatewayRoute[]): readonly GatewayRoute[] {
  const routed = rows.filter(({ serves }) => serves !== 'page')
  const liveRows = routed.filter(isLive)
  if (liveRows.length === 0) return routed
  const methods = [...new Set(liveRows.flatMap((row) => row.methods))]
  return [
    ...routed.filter((row) => !isLive(row)),
    { methods, path: LIVE_PATHS, access: 'operator', serves: 'live' },
  ]
}

/** Whether a row would receive requests of live reads: the gateway prefers it to their shared route. */
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
