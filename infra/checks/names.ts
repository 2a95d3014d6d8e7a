import type { JobModule, JobModules } from '#infra/estimates/job-modules.ts'
import type { Job } from '#shared/declare/job.ts'
import type { Parameter, Route } from '#shared/declare/route.ts'
import { routeTable } from '#shared/http/routes.ts'
import { type Finding, finding } from './findings.ts'

/**
 * Members of declarations that nothing implements, and implementations that nothing declares: views, history, keys,
 * parameters, submissions, schemas, requests that follow from others.
 */
export function checkNames(jobs: readonly Job[], modules: JobModules): Finding[] {
  const paths = new Set(routeTable(jobs).map(({ path }) => path))
  return jobs.flatMap((job) => {
    const module = modules.get(job.id)
    if (!module) return []
    return [
      ...viewFaults(job, module),
      ...historyFaults(job, module),
      ...keyFaults(job, module),
      ...parameterFaults(job, module),
      ...submissionFaults(job, module),
      ...laterRequestFaults(job, module),
      ...schemaFaults(paths, module),
    ].map((message) => finding('names', job.id, message))
  })
}

function viewFaults({ reads }: Job, { views, operatorViews }: JobModule): string[] {
  const ofAccess = (access: Route['access']) => reads.filter((route) => route.access === access)
  return [
    ...viewsOfFile('views.ts', views, ofAccess('public')),
    ...viewsOfFile('operator-views.ts', operatorViews, ofAccess('operator')),
  ]
}

function viewsOfFile(file: string, views: readonly string[], reads: readonly Route[]): string[] {
  const declared = reads.flatMap(({ view }) => view ?? [])
  return [
    ...reads
      .filter(({ view }) => view !== undefined && !views.includes(view))
      .map(({ path, view }) => `${path}: expected a view that ${file} exports (${list(views)}), got ${view}`),
    ...views
      .filter((view) => !declared.includes(view))
      .map((view) => `${file}: expected a route for each view, got none with view: '${view}'`),
  ]
}

function historyFaults({ history }: Job, { historyKinds }: JobModule): string[] {
  const declared = Object.keys(history)
  return [
    ...declared
      .filter((kind) => !historyKinds.includes(kind))
      .map(
        (kind) =>
          `history.${kind}: expected a kind that refresh.ts writes (historyKinds: ${list(historyKinds)})`,
      ),
    ...historyKinds
      .filter((kind) => !declared.includes(kind))
      .map(
        (kind) =>
          `historyKinds: expected kinds of the declaration's history (${list(declared)}), got ${kind}`,
      ),
  ]
}

/** A plan that depends on stored data has no keys here: its routes are not checked. */
function keyFaults({ stored, reads }: Job, { keys }: JobModule): string[] {
  if (stored === 'snapshot' || keys.length === 0) return []
  return reads
    .filter(
      (route) => route.key !== undefined && !keys.some((key) => keyPattern(route, route.key ?? '').test(key)),
    )
    .map(
      ({ path, key }) =>
        `${path}: expected a key that the plan requests (${list(keys.slice(0, 5))}), got ${key}`,
    )
}

/** All keys that a template can have. */
function keyPattern({ parameters = {} }: Pick<Route, 'parameters'>, template: string): RegExp {
  const source = template.replaceAll(/\{([a-z_]+)\}|([.])/g, (_, name: string | undefined) =>
    name === undefined ? '\\.' : `(?:${parameters[name]?.pattern})`,
  )
  return new RegExp(`^(?:${source})$`, 'u')
}

/**
 * Parameters that the implementation of a job does not name. Names that occur for another reason are not found out: the
 * check reads texts, because a view reads its parameters when it runs.
 */
function parameterFaults({ reads, submits, params }: Job, { mentions }: JobModule): string[] {
  const unread = (where: string, declared: Readonly<Record<string, Parameter>> = {}) =>
    Object.keys(declared)
      .filter((name) => !mentions(name))
      .map((name) => `${where}: expected a parameter that something reads, got ${name}`)
  return [
    ...reads
      .filter(({ view }) => view !== undefined)
      .flatMap(({ path, parameters, query }) => [...unread(path, parameters), ...unread(path, query)]),
    ...submits.flatMap(({ path, parameters, query }) => [
      ...unread(path, parameters),
      ...unread(path, query),
    ]),
    ...Object.keys(params)
      .filter((name) => !mentions(name))
      .map((name) => `params: expected a parameter that refresh.ts reads, got ${name}`),
  ]
}

function submissionFaults({ submits }: Job, { hasSubmission }: JobModule): string[] {
  return hasSubmission && submits.length === 0
    ? ['submit.ts: expected a path in submits that it answers, got none']
    : []
}

/** A task divides its plan into chunks before the first call, and a snapshot is published once, at the end. */
function laterRequestFaults({ stored, run }: Job, { laterRequests }: JobModule): string[] {
  if (laterRequests === 'none') return []
  return [
    ...(stored === 'snapshot'
      ? ["refresh.ts: expected laterRequests only with stored: 'items', got it with 'snapshot'"]
      : []),
    ...(run.mode === 'task'
      ? ["refresh.ts: expected laterRequests only with mode: 'plain', got it with 'task'"]
      : []),
    ...(laterRequests === 'uncounted'
      ? ['refresh.ts: expected maxCalls with laterRequests, which the quota check cannot count; got none']
      : []),
  ]
}

function schemaFaults(paths: ReadonlySet<string>, { schemaPaths }: JobModule): string[] {
  return schemaPaths
    .filter((name) => !paths.has(name.replace(/^POST /, '')))
    .map((name) => `schema.ts: expected paths of its routes, got ${name}`)
}

function list(names: readonly string[]): string {
  return names.join(', ') || 'none'
}
