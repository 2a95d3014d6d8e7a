import { UsageError } from '#infra/command/report-user-errors.ts'
import { every } from '#shared/declare/schedule.ts'
import { type DurationText, durationText, MINUTE_MS, milliseconds } from '#shared/domain/duration.ts'
import { errorMessage } from '#shared/domain/text.ts'
import { callOf } from './address.ts'
import type { Dataset, NewDatasetOptions } from './dataset.ts'
import { titleOf } from './names.ts'
import { answerTime, cursorMember, errorMember, isMessage } from './sample/envelope.ts'
import { hasInstant, type Instant, type LeftOut, type Member, type RecordType } from './sample/field-type.ts'
import { type InferenceContext, inferRecord } from './sample/infer.ts'
import { type Layout, layoutOf } from './sample/layout.ts'
import { placeText, snakeCase, suggests } from './sample/names.ts'
import type { Sample } from './sample/read-sample.ts'
import { rowKey } from './sample/row-key.ts'

/** The provider of a dataset. */
type Provider = Pick<Dataset['upstream'], 'isNew' | 'baseUrl'>

const DEFAULT_INTERVAL = '10 minutes'

/**
 * Infers a dataset from a sample.
 *
 * @throws {UsageError} for a sample without records, an ambiguous one, and a wrong option
 */
export function newDataset(
  options: NewDatasetOptions,
  sample: Sample,
  provider: Provider,
  context: InferenceContext,
): Dataset {
  const layout = layoutOf(sample.body, options.rows)
  const failure = errorMember(sample.body, layout, options.errorMember)
  const inferred = inferRecord(layout.records, placeOfRecords(layout), context)
  const { type, leftOut } = withoutEnvelope(inferred, layout, failure?.name)
  if (type.members.length === 0)
    throw new UsageError(
      `--from: expected a member that can be read, got none${leftOut.map(({ place, reason }) => `; ${place}: ${reason}`).join('')}`,
    )
  const key = layout.kind === 'record' ? undefined : rowKey(layout, type, options.key)
  if (!key && options.key !== undefined)
    throw new UsageError(`--key: expected a sample with rows, got one record; --rows names the place of rows`)
  const ownTime = timeOf(type.members, sample.body, layout, context)
  return {
    id: options.job,
    title: titleOf(options.job),
    readPath: options.path,
    ...intervalOf(options),
    upstream: {
      name: options.upstream,
      title: titleOf(options.upstream),
      ...provider,
      maxBytes: maxBytesOf(sample.text),
    },
    call: callOf(options, sample.url, provider.baseUrl),
    body: sample.body,
    layout,
    type,
    key,
    ownTime,
    sampleAt: newestTime(ownTime, type, context.now),
    cursor: cursorMember(sample.body, layout),
    errorMember: failure,
    leftOut,
  }
}

/** `data.*` for rows in the member `data`. */
export function placeOfRecords({ kind, place }: Pick<Layout, 'kind' | 'place'>): string {
  return placeText([...place, ...(kind === 'record' ? [] : ['*'])])
}

/** Members at the top of a body that are about the request are no data of a record there. */
function withoutEnvelope(
  { type, leftOut }: { readonly type: RecordType; readonly leftOut: readonly LeftOut[] },
  { kind, place }: Layout,
  failure: string | undefined,
) {
  const isAboutRequest = (name: string) => name === failure || isMessage(name)
  if (kind !== 'record' || place.length > 0 || failure === undefined) return { type, leftOut }
  return {
    type: { ...type, members: type.members.filter(({ name }) => !isAboutRequest(name)) },
    leftOut: leftOut.filter(({ place: at }) => !isAboutRequest(at)),
  }
}

const MAX_OFFSET_MINUTES = 10

/** Data are fresh for two intervals, and at least for one, the spread of the schedule, the deadline and a minute. */
function intervalOf({ job, every: text = DEFAULT_INTERVAL }: NewDatasetOptions) {
  const intervalMs = legalInterval(text)
  const offsets = Math.min(MAX_OFFSET_MINUTES, intervalMs / MINUTE_MS)
  // jobs that begin at different minutes do not compete for the same limit
  const offset = [...job].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % offsets
  return {
    every: durationText(intervalMs),
    freshFor: durationText(Math.max(2 * intervalMs, intervalMs + 3 * MINUTE_MS)),
    offset: offset === 0 ? undefined : durationText(offset * MINUTE_MS),
  }
}

const MAX_INTERVAL_MS = 1_440 * MINUTE_MS

function legalInterval(text: string): number {
  try {
    every(text as DurationText)
    return Math.min(milliseconds(text as DurationText), MAX_INTERVAL_MS)
  } catch (error) {
    throw new UsageError(`--every: ${errorMessage(error)}`, { cause: error })
  }
}

const MIN_MAX_BYTES = 64 * 1024

/** Eight times the sample, as a power of two. */
function maxBytesOf(text: string): number {
  return Math.max(MIN_MAX_BYTES, 2 ** Math.ceil(Math.log2(8 * Buffer.byteLength(text))))
}

/** Preferred names of the time of a record: one that was updated is the time of the data, whatever else it has. */
const UPDATED = /updat|as_of|modified|refreshed/

function timeOf(
  members: readonly Member[],
  body: unknown,
  layout: Layout,
  context: InferenceContext,
): Dataset['ownTime'] {
  const candidates = ownTimes(members, [])
  const own = candidates.find(({ place }) => UPDATED.test(snakeCase(place.at(-1) ?? ''))) ?? candidates[0]
  if (own) return { of: 'record', ...own }
  const time = answerTime(body, layout, context)
  return time ? { of: 'answer', time } : { of: 'call' }
}

/** Times that each record has, those at its top first. */
function ownTimes(
  members: readonly Member[],
  at: readonly string[],
): readonly { readonly place: readonly string[]; readonly type: Instant }[] {
  const present = members.filter(({ nullable }) => !nullable)
  return [
    ...present.flatMap(({ name, served, type }) =>
      type.kind === 'instant' && suggests.ownTime(served) ? [{ place: [...at, name], type }] : [],
    ),
    ...present.flatMap(({ name, type }) =>
      type.kind === 'record' ? ownTimes(type.members, [...at, name]) : [],
    ),
  ]
}

function newestTime(ownTime: Dataset['ownTime'], type: RecordType, now: number): number | undefined {
  if (ownTime.of === 'answer') return Math.max(...ownTime.time.type.values)
  if (ownTime.of === 'record') return Math.max(...ownTime.type.values)
  return hasInstant(type) ? now : undefined
}
