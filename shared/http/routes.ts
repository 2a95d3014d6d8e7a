import type { Job } from '../declare/job.ts'
import type { Route } from '../declare/route.ts'
import { type Operation, operationRoutes } from './operation-routes.ts'

/**
 * One row of the table that drives the gateway, the router, the local server and the tests. A path may have several
 * rows, of different methods.
 */
export type RouteRow =
  | {
      readonly methods: readonly string[]
      readonly path: string
      readonly access: Route['access']
      readonly effect: Route['effect']
      readonly serves: 'dataset'
      readonly job: string
      readonly route: Route
    }
  | {
      readonly methods: readonly string[]
      readonly path: string
      readonly access: 'operator'
      /** It may cause a run. */
      readonly effect: 'change'
      readonly serves: 'live'
      readonly job: string
      /** The one that it is the twin of. */
      readonly route: Route
    }
  | {
      readonly methods: readonly string[]
      readonly path: string
      readonly access: 'public'
      readonly effect: 'read'
      readonly serves: 'health' | 'openapi'
    }
  | {
      readonly methods: readonly string[]
      readonly path: string
      readonly access: 'operator'
      readonly effect: 'read' | 'change'
      readonly serves: 'operation'
      readonly operation: Operation
    }

/** A row that only operators may ask. */
export type OperatorRow = Extract<RouteRow, { serves: 'operation' | 'live' | 'dataset' }>

const READ_METHODS = ['GET', 'HEAD']

/** All routes of a set of jobs, and the system's own. Everything else goes to the reads function for its 404 or 405. */
export function routeTable(jobs: readonly Pick<Job, 'id' | 'reads'>[]): readonly RouteRow[] {
  return [
    { methods: READ_METHODS, path: '/health', access: 'public', effect: 'read', serves: 'health' },
    { methods: READ_METHODS, path: '/openapi.json', access: 'public', effect: 'read', serves: 'openapi' },
    ...jobs.flatMap(({ id, reads }) =>
      reads.map(
        (route): RouteRow => ({
          methods: READ_METHODS,
          path: route.path,
          access: route.access,
          effect: route.effect,
          serves: 'dataset',
          job: id,
          route,
        }),
      ),
    ),
    ...operationRoutes.map(
      ({ method, ...route }): RouteRow => ({
        methods: [method],
        access: 'operator',
        serves: 'operation',
        ...route,
      }),
    ),
    ...jobs.flatMap(liveTwins),
  ]
}

/** The rows of operators: all of their own, and the datasets that are for nobody else. */
export function operatorRows(jobs: readonly Pick<Job, 'id' | 'reads'>[]): readonly OperatorRow[] {
  return routeTable(jobs).filter((row): row is OperatorRow => row.access === 'operator')
}

/** Where operators have a read's dataset refreshed and see what came of it. */
export function livePath({ path }: Pick<Route, 'path'>): string {
  return `/v1/live${path}`
}

function liveTwins({ id, reads }: Pick<Job, 'id' | 'reads'>): RouteRow[] {
  return reads
    .filter(({ effect }) => effect === 'read')
    .map((route) => ({
      methods: ['GET'],
      path: livePath(route),
      access: 'operator',
      effect: 'change',
      serves: 'live',
      job: id,
      route,
    }))
}

/** The function behind a row: what only operators may ask never reaches the one that anybody may. */
export function servedBy({ access }: Pick<RouteRow, 'access'>): 'reads' | 'operations' {
  return access === 'public' ? 'reads' : 'operations'
}
