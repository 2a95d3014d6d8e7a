import * as z from 'zod/mini'
import { defineJob, resolveJob } from '#shared/declare/job.ts'
import type { JobSpec } from '#shared/declare/job-spec.ts'
import type { Route } from '#shared/declare/route.ts'
import { every } from '#shared/declare/schedule.ts'
import type { SettingsTable } from '#shared/declare/settings.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import { type AvailabilityTexts, unavailableResponse } from '#shared/read/availability.ts'
import type { ServableItem, View, ViewResult } from '#shared/read/view.ts'
import { amount } from '#shared/upstreams/fields.ts'
import { type World, type WorldOptions, world } from '#test/fakes/world/world.ts'
import { pricesUpstream, UNKNOWN_SYMBOL } from './prices.ts'

type Spec = JobSpec<SettingsTable>

const projectId = { pattern: '[0-9]{1,20}', about: 'a project' }

/** `hub:project:12:info` */
export const projectKey = (id: string, kind: string) => `hub:project:${id}:${kind}`

/** The route of one kind of data of a project. */
export const projectRoute = (kind: string, more: Partial<Route> = {}): Route => ({
  path: `/test/projects/{id}/${kind}`,
  about: 'One project',
  parameters: { id: projectId },
  view: 'project',
  access: 'public',
  effect: 'read',
  cold: 'wait',
  ...more,
})

/** Marks all data of one project as stale. */
export const CLEAR_PROJECT = {
  method: 'DELETE',
  path: '/test/projects/{id}/cache',
  about: 'Marks all data of one project as stale',
  operation: 'clear-cache-prefix',
  id: projectId,
  keyPrefix: 'hub:project:{id}:',
  jobs: ['project-info', 'project-topics'],
} as const

/** Figures of what is stored of two kinds of data. */
export const CACHE_STATS = {
  method: 'GET',
  path: '/test/cache/stats',
  about: 'What is stored of projects',
  operation: 'show-cache-stats',
  jobs: ['project-info', 'project-topics'],
} as const

/** A job that stores one kind of data for each project of a provider. */
export function projectsJob(kind: string, change: Partial<Spec> = {}) {
  return defineJob<SettingsTable>({
    id: `project-${kind}`,
    title: 'Projects',
    priority: 'P2',
    settings: {},
    schedule: every('5 minutes', { offset: '1 minute' }),
    upstream: 'prices',
    freshness: { freshFor: '10 minutes', serveStaleFor: '1 day', keepFor: '3 days', notFoundFor: '1 minute' },
    run: { mode: 'plain', deadline: '30 seconds' },
    stored: 'items',
    keys: { pattern: `hub:project:[0-9]{1,20}:${kind}`, about: 'a project' },
    envelope: 'message',
    reads: [projectRoute(kind)],
    ...change,
  })
}

const body = z.object({ symbol: z.string(), price: amount('number'), at: z.int() })

type Project = z.infer<typeof body>

function projectsRefresh(kind: string, ids: readonly string[]): Refresh<Project> {
  return {
    renderVersion: 1,
    plan: ({ key }) => {
      const planned = key === undefined ? ids : [key.split(':')[2] ?? '']
      return planned.map((id) => ({
        key: projectKey(id, kind),
        calls: [{ path: '/price', query: { symbol: id } }],
      }))
    },
    parse: ([answer]) => body.parse(answer),
    accept: () => ({ accepted: true }),
    item: ({ symbol, price, at }) => ({
      data: { project_id: symbol, price },
      asOf: at,
      degraded: false,
    }),
  }
}

/** A stored project in the envelope of its job. */
function projectResponse(item: ServableItem, envelope: Spec['envelope']): ViewResult {
  const { representation } = item
  return {
    kind: 'value',
    from: item,
    compose: () => ({
      body: envelopeOf(envelope).wrap(JSON.parse(representation.text()), representation),
      times: representation,
    }),
  }
}

/** The view of one project, which waits for one that is not stored. */
const projectView =
  (kind: string): View =>
  async ({ parameters: { id = '' } }, context) => {
    const key = projectKey(id, kind)
    const item = await context.item(key)
    if (item) return projectResponse(item, context.job.envelope)
    const result = await context.fill(key)
    if (result.status !== 'filled') return unavailableResponse(result, context.job, TEXTS)
    return result.item.representation.isAbsent
      ? { kind: 'failure', status: 404, message: 'project not found' }
      : projectResponse(result.item, context.job.envelope)
  }

const TEXTS: AvailabilityTexts = {
  unavailable: 'data not available',
  limited: 'too many projects are requested at once',
  off: 'the provider is not configured',
  authFailed: 'upstream authorization failed, contact the administrator',
}

/** The views of these jobs, by job. */
export const projectViews = {
  'project-info': { project: projectView('info') },
  'project-topics': { project: projectView('topics') },
}

/** A world of one kind of data, over a provider that has the projects of `ids`. */
export function projectsWorld(
  kind: string,
  ids: readonly string[],
  {
    change,
    ...more
  }: Partial<Pick<WorldOptions<Project>, 'store'>> & { readonly change?: Partial<Spec> } = {},
): World<Project> {
  const base = world({
    job: resolveJob(projectsJob(kind, change), {}),
    upstream: resolveUpstream(pricesUpstream, {}),
    refresh: projectsRefresh(kind, ids),
    start: Date.UTC(2026, 10, 20, 15),
    ...more,
  })
  base.script(({ url }) => {
    const symbol = url.searchParams.get('symbol') ?? ''
    return ids.includes(symbol)
      ? { status: 200, body: { symbol, price: 5, at: base.clock.now() } }
      : { status: 404, body: UNKNOWN_SYMBOL }
  })
  return base
}
