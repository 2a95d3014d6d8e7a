import type { JsonValue } from '#shared/domain/json.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import type { View, ViewContext, ViewRequest, ViewResult } from '#shared/read/view.ts'
import { expiredImages, withUsableImages } from '#shared/systems/check-ins/images.ts'
import { keysOf } from '#shared/systems/check-ins/job-settings.ts'
import { checkInView, whenConfigured, withCachedAt } from '#shared/systems/check-ins/project-view.ts'
import type { CheckInScope } from '#shared/upstreams/check-ins/vocabulary.ts'

const list = checkInView({
  key: ({ query: { scope = 'ongoing' } }, job) => keysOf(job).list(scope as CheckInScope),
})

const project = checkInView({
  key: ({ parameters }, job) => keysOf(job).info(parameters['id'] ?? ''),
})

/** The projects of one scope, or the details of those that are named. A live read is one of a scope. */
const projects: View = async (request, context) => {
  const { scope, ids } = request.query
  if (ids === undefined) return list(request, context)
  if (context.isForOperator)
    return { kind: 'failure', status: 400, message: 'expected no ids, got some: read each project live' }
  if (scope === undefined) return whenConfigured(details)(request, context)
  return { kind: 'failure', status: 400, message: 'expected scope or ids, got both' }
}

/** The details of the projects that are named, in one read of the table; those that are not stored are named as missing. */
async function details({ query, now }: ViewRequest, context: ViewContext): Promise<ViewResult> {
  const ids = [...new Set(query['ids']?.split(','))]
  const { job } = context
  const stored = await context.items(ids.map((id) => keysOf(job).info(id)))
  const items = ids.flatMap((id) => stored.get(keysOf(job).info(id)) ?? [])
  const missing = ids.filter((id) => !stored.has(keysOf(job).info(id)))
  if (items.length === 0) {
    const body = envelopeOf(job.envelope).wrap({ projects: [], cached_at: null }, NEVER) as object
    return { kind: 'now', status: 200, body: { ...body, meta: { ...NO_META, missing } } }
  }
  const records = items.map(({ representation }) => JSON.parse(representation.text()) as object)
  const expired = records.map((record) => expiredImages(record, now)).join()
  return {
    kind: 'joined',
    from: items,
    variant: `${missing.join()} ${expired}`,
    text: (times) => {
      const usable = records.map((record) => withUsableImages(record, now))
      return JSON.stringify(withCachedAt({ projects: usable }, times, { missing }, job))
    },
  }
}

const NEVER = { asOf: 0, fetchedAt: 0, degraded: false }
const NO_META = { as_of: null, fetched_at: null, degraded: false }

/** Answers that depend on nothing that is stored. */
const health: View = async (_request, { version }) => answer({ status: 'ok', service: 'freshet', version })
const ping: View = async () => answer({ pong: true })

function answer(data: JsonValue): ViewResult {
  return { kind: 'now', status: 200, body: { code: 0, message: 'success', data } }
}

/** The responses, by the view name of the route. */
export const views = { projects, project, health, ping } satisfies Readonly<Record<string, View>>
