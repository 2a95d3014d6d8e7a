import type { Job } from '#shared/declare/job.ts'
import { asJson } from '#shared/domain/json.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import { type AvailabilityTexts, unavailableResponse } from '#shared/read/availability.ts'
import type { PublicationTimes } from '#shared/read/representation.ts'
import type { ServableItem, View, ViewContext, ViewRequest, ViewResult } from '#shared/read/view.ts'
import { expiredImages, recordIdentity, withUsableImages } from './images.ts'
import { checkInSettings } from './job-settings.ts'

/** What a response has beside the stored record. */
interface Response {
  /** Its data, without `cached_at`. */
  readonly data: object
  /** Further members of `meta`. */
  readonly meta?: object
  /** Everything else on which the data depend, such as parameters. */
  readonly variant?: string
  /** Its times; those of the stored record by default. */
  readonly times?: PublicationTimes
}

/** How one kind of check-in data is served. */
interface CheckInView<R extends object> {
  /** The key of a request. */
  key(request: ViewRequest, job: Job): string
  /** The response that is made of the stored record, with images that can be fetched; the record itself by default. */
  respond?(record: R, request: ViewRequest, context: ViewContext, stored: PublicationTimes): Promise<Response>
}

/** The view of one stored record, in the documented envelope. One that is not stored is requested, and awaited for 8 s. */
export function checkInView<R extends object>({ key, respond }: CheckInView<R>): View {
  return whenConfigured(async (request, context) => {
    const name = key(request, context.job)
    const item = await context.item(name)
    const fill = item ? ({ status: 'filled', item } as const) : await context.fill(name)
    if (fill.status !== 'filled') return unavailableResponse(fill, context.job, textsOf(context.job))
    const { representation } = fill.item
    if (representation.isAbsent) return { kind: 'failure', status: 404, message: 'project not found' }
    const record = JSON.parse(representation.text()) as R
    const usable = withUsableImages(record, request.now)
    const response = (await respond?.(usable, request, context, representation)) ?? { data: usable }
    return responseOf(fill.item, response, expiredImages(record, request.now), context)
  })
}

/** A view that answers 503 while the job is off, also where data are still stored: they are personal. */
export function whenConfigured(view: View): View {
  return async (request, context) => {
    if (context.job.off === undefined) return view(request, context)
    return unavailableResponse({ status: 'empty' }, context.job, textsOf(context.job))
  }
}

/**
 * The response of one item. Its entity tag does not depend on the signatures of images: a change of those alone is none of
 * the content.
 */
function responseOf(
  from: ServableItem,
  { data, meta = {}, variant = '', times = from.representation }: Response,
  expired: number,
  { job }: ViewContext,
): ViewResult {
  const compose = () => {
    const body = withCachedAt(data, times, meta, job)
    return { body: asJson(body), identity: recordIdentity(body), times }
  }
  return { kind: 'value', from, variant: `${variant} ${expired}`, compose }
}

/** Data in the documented envelope, with the time of their publication. */
export function withCachedAt(data: object, times: PublicationTimes, more: object, job: Job): object {
  const dated = asJson({ ...data, cached_at: isoSeconds(times.fetchedAt) })
  const body = envelopeOf(job.envelope).wrap(dated, times) as { readonly meta: object }
  return { ...body, meta: { ...body.meta, ...more } }
}

function textsOf(job: Job): AvailabilityTexts {
  const { CHECKINS_CONTACT: contact } = checkInSettings(job)
  const authFailed = 'upstream authorization failed, contact the administrator'
  return {
    unavailable: 'data not available',
    limited: 'too many requests for data that are not stored yet',
    off: 'check-in provider is not configured',
    authFailed: contact === '' ? authFailed : `${authFailed}: ${contact}`,
  }
}
