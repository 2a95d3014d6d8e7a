/** The operations of the operators' API; each has one handler in the operations function. */
export type Operation =
  | 'list-jobs'
  | 'show-job'
  | 'explain'
  | 'list-ticks'
  | 'list-runs'
  | 'trigger'
  | 'pause'
  | 'resume'
  | 'pause-all'
  | 'resume-all'
  | 'skip'
  | 'override'
  | 'invalidate'
  | 'purge'
  | 'list-rejected'
  | 'show-run'
  | 'cancel'
  | 'list-upstreams'
  | 'reset-upstream'
  | 'list-failed-events'
  | 'redrive-failed-events'
  | 'list-audit'
  | 'list-metrics'
  | 'show-metrics'
  | 'list-schedules'
  | 'invalidate-dataset'
  | 'clear-datasets'
  | 'start-schedule'
  | 'stop-schedule'
  | 'clear-cache'
  | 'clear-cache-key'
  | 'clear-cache-prefix'
  | 'show-cache-stats'
  | 'change-symbols'
  | 'show-operator-data'
  | 'replace-operator-data'
  | 'erase-operator-data'

/** One path of the operators' API. `{id}` is a job (or one of its trigger names), a run or an upstream. */
export interface OperationRoute {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly operation: Operation
  readonly effect: 'read' | 'change'
}

/** The operators' API; documented paths of the three systems are aliases of its operations. */
export const operationRoutes: readonly OperationRoute[] = [
  read('/v1/jobs', 'list-jobs'),
  read('/v1/jobs/{id}', 'show-job'),
  read('/v1/jobs/{id}/explain', 'explain'),
  read('/v1/ticks', 'list-ticks'),
  read('/v1/jobs/{id}/runs', 'list-runs'),
  change('POST', '/v1/jobs/{id}/runs', 'trigger'),
  change('POST', '/v1/jobs/{id}/pause', 'pause'),
  change('POST', '/v1/jobs/{id}/resume', 'resume'),
  change('POST', '/v1/pause', 'pause-all'),
  change('POST', '/v1/resume', 'resume-all'),
  change('POST', '/v1/jobs/{id}/skip', 'skip'),
  change('PUT', '/v1/jobs/{id}/overrides', 'override'),
  change('POST', '/v1/jobs/{id}/invalidate', 'invalidate'),
  change('POST', '/v1/jobs/{id}/purge', 'purge'),
  read('/v1/jobs/{id}/rejected', 'list-rejected'),
  read('/v1/runs/{id}', 'show-run'),
  change('POST', '/v1/runs/{id}/cancel', 'cancel'),
  read('/v1/upstreams', 'list-upstreams'),
  change('POST', '/v1/upstreams/{id}/reset', 'reset-upstream'),
  read('/v1/dlq', 'list-failed-events'),
  change('POST', '/v1/dlq/redrive', 'redrive-failed-events'),
  read('/v1/audit', 'list-audit'),
  change('POST', '/admin/jobs/trigger/{id}', 'trigger'),
  read('/admin/jobs/{id}/runs', 'list-runs'),
  read('/admin/jobs/runs/{id}', 'show-run'),
  read('/admin/jobs/metrics', 'list-metrics'),
  read('/admin/jobs/metrics/{id}', 'show-metrics'),
  read('/api/v1/admin/scheduler/jobs', 'list-schedules'),
  change('POST', '/api/v1/admin/scheduler/jobs/{id}/pause', 'pause'),
  change('POST', '/api/v1/admin/scheduler/jobs/{id}/resume', 'resume'),
  change('POST', '/admin/cache/invalidate', 'invalidate-dataset'),
  change('POST', '/admin/cache/clear', 'clear-datasets'),
]

function read(path: string, operation: Operation): OperationRoute {
  return { method: 'GET', path, operation, effect: 'read' }
}

function change(method: 'POST' | 'PUT', path: string, operation: Operation): OperationRoute {
  return { method, path, operation, effect: 'change' }
}
