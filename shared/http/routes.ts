import type { Job } from '#shared/declare/job.ts'
import type { Route, SubmitRoute } from '#shared/declare/route.ts'
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
      /** Whose operation it is, where the path does not name a job. */
      readonly job?: string
      readonly about?: string
    }
  | {
      readonly methods: readonly string[]
      readonly path: string
      readonly access: SubmitRoute['access']
      readonly effect: 'submit'
      readonly serves: 'submission'
      readonly job: string
      readonly route: SubmitRoute
    }

/** The functions behind the gateway. */
export type ServedBy = 'reads' | 'operations' | 'submit'

/** A row that only operators may ask, of the operations function. */
export type OperatorRow = Extract<RouteRow, { serves: 'operation' | 'live' | 'dataset' }>

const READ_METHODS = ['GET', 'HEAD']

/** What of a job makes rows. */
type Routed = Pick<Job, 'id' | 'reads' | 'submits' | 'aliases'>

/** All routes of a set of jobs, and the system's own. Everything else goes to the reads function for its 404 or 405. */
export function routeTable(jobs: readonly Routed[]): readonly RouteRow[] {
  return [
    { methods: READ_METHODS, path: '/health', access: 'public', effect: 'read', serves: 'health' },
    { methods: READ_METHODS, path: '/openapi.json', access: 'public', effect: 'read', serves: 'openapi' },
    ...jobs.flatMap(({ id, reads }) =>
      reads.map(
        (route): RouteRow => ({
          methods: route.method === 'POST' ? ['POST'] : READ_METHODS,
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
    ...jobs.flatMap(submissions),
    ...jobs.flatMap(aliases),
    ...jobs.flatMap(liveTwins),
  ]
}

/** The rows of operators: all of their own, and the datasets that are for nobody else. */
export function operatorRows(jobs: readonly Routed[]): readonly OperatorRow[] {
  return routeTable(jobs).filter(
    (row): row is OperatorRow => row.access === 'operator' && row.serves !== 'submission',
  )
}

/** Where operators have a read's dataset refreshed and see what came of it. */
export function livePath({ path }: Pick<Route, 'path'>): string {
  return `/v1/live${path}`
}

function submissions({ id, submits }: Routed): RouteRow[] {
  return submits.map((route) => ({
    methods: [route.method ?? 'GET'],
    path: route.path,
    access: route.access,
    effect: 'submit',
    serves: 'submission',
    job: id,
    route,
  }))
}

function aliases({ id, aliases: declared }: Routed): RouteRow[] {
  return declared.map(({ method, path, operation, about }) => ({
    methods: [method],
    path,
    access: 'operator',
    effect: 'change',
    serves: 'operation',
    operation,
    job: id,
    about,
  }))
}

/**
 * What a function of a job makes from others' data or from the past has no twin, because a run would change nothing of it;
 * one that says which keys it looks at has.
 */
export function hasLiveTwin({ effect, view, method, live }: Route): boolean {
  if (live !== undefined) return effect === 'read' && view !== undefined
  return effect === 'read' && view === undefined && method !== 'POST'
}

function liveTwins({ id, reads }: Routed): RouteRow[] {
  return reads.filter(hasLiveTwin).map((route) => ({
    methods: [route.method ?? 'GET'],
    path: livePath(route),
    access: 'operator',
    effect: 'change',
    serves: 'live',
    job: id,
    route,
  }))
}

/** The function behind a row: what only operators may ask never reaches the one that anybody may read from. */
export function servedBy({ access, serves }: Pick<RouteRow, 'access' | 'serves'>): ServedBy {
  if (serves === 'submission') return 'submit'
  return access === 'public' ? 'reads' : 'operations'
}
