import type { Job } from '#shared/declare/job.ts'
import type { OperationAlias } from '#shared/declare/operation-alias.ts'
import type { Route, SubmitRoute } from '#shared/declare/route.ts'
import { type Operation, operationRoutes } from './operation-routes.ts'

/**
 * One row of the route table, from which the gateway, the router, the local server and the tests are built. A path may
 * have several rows with different methods.
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
      /** It may start a run. */
      readonly effect: 'change'
      readonly serves: 'live'
      readonly job: string
      /** The route that it refreshes and reads. */
      readonly route: Route
    }
  | {
      readonly methods: readonly string[]
      readonly path: string
      readonly access: 'public'
      readonly effect: 'read'
      readonly serves: 'health' | 'overview' | 'openapi' | 'page'
    }
  | {
      readonly methods: readonly string[]
      readonly path: string
      readonly access: 'operator'
      readonly effect: 'read' | 'change'
      readonly serves: 'operation'
      readonly operation: Operation
      /** The job of the operation, if the path does not name one. */
      readonly job?: string
      /** The declaration of the path, if a job declares it. */
      readonly alias?: OperationAlias
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

/** A row for operators, served by the operations function. */
export type OperatorRow = Extract<RouteRow, { serves: 'operation' | 'live' | 'dataset' }>

const READ_METHODS = ['GET', 'HEAD']

/** The members of a job from which rows are made. */
type Routed = Pick<Job, 'id' | 'reads' | 'submits' | 'aliases'>

/** All routes of a set of jobs and of the system. The reads function answers all other requests with 404 or 405. */
export function routeTable(jobs: readonly Routed[]): readonly RouteRow[] {
  return [
    { methods: READ_METHODS, path: '/health', access: 'public', effect: 'read', serves: 'health' },
    { methods: READ_METHODS, path: '/datasets', access: 'public', effect: 'read', serves: 'overview' },
    { methods: READ_METHODS, path: '/openapi.json', access: 'public', effect: 'read', serves: 'openapi' },
    { methods: READ_METHODS, path: '/', access: 'public', effect: 'read', serves: 'page' },
    { methods: READ_METHODS, path: '/ui/{file}', access: 'public', effect: 'read', serves: 'page' },
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

/** The rows for operators: operations, live twins, and datasets that are not public. */
export function operatorRows(jobs: readonly Routed[]): readonly OperatorRow[] {
  return routeTable(jobs).filter(
    (row): row is OperatorRow => row.access === 'operator' && row.serves !== 'submission',
  )
}

/** The path of a live twin: operators use it to refresh a route's dataset and read the result. */
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
  return declared.map((alias) => ({
    methods: [alias.method],
    path: alias.path,
    access: 'operator',
    effect: alias.method === 'GET' ? 'read' : 'change',
    serves: 'operation',
    operation: alias.operation,
    job: id,
    alias,
  }))
}

/**
 * Whether a route has a live twin. A view has one only if the route declares `live`: other views read data that a run of
 * this job would not change.
 */
export function hasLiveTwin({ effect, view, method, live }: Route): boolean {
  if (effect !== 'read') return false
  return view === undefined ? method !== 'POST' : live !== undefined
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

/** The function that serves a row. Rows for operators never reach the public reads function. */
export function servedBy({ access, serves }: Pick<RouteRow, 'access' | 'serves'>): ServedBy {
  if (serves === 'submission') return 'submit'
  return access === 'public' ? 'reads' : 'operations'
}
