import type { Aside } from '../ports/records.ts'
import type { Work } from './context.ts'
import { RefreshError } from './errors.ts'
import type { AcceptContext, ItemBody, Previous } from './refresh.ts'

/** A body that passed: the value, and what to serve of it. */
export interface Judged<V> {
  readonly value: V
  readonly body: ItemBody
}

/** Thrown for a value that parses but is not believed: the value is kept aside with the body. */
export class RejectedValue extends RefreshError {
  readonly value: unknown

  constructor(message: string, value: unknown) {
    super('rejected', message)
    this.value = value
  }
}

/**
 * Parses the bodies of one request and decides whether the value may replace the stored one.
 *
 * @param previous - the stored value, if it has not expired
 * @param aside - what an earlier run rejected for this key
 * @throws {RefreshError} `malformed` when the shape is wrong; {@link RejectedValue} when the gate refuses
 */
export function judge<V>(
  key: string,
  bodies: readonly object[],
  previous: Previous | undefined,
  aside: Aside | undefined,
  { job, refresh, ports }: Work<V>,
): Judged<V> {
  const context = { job, key, now: ports.clock.now() }
  const value = parse(() => refresh.parse(bodies, context))
  const earlier = aside && setAside<V>(aside, previous)
  const verdict = refresh.accept(value, {
    ...context,
    ...(previous ? { previous } : {}),
    ...(earlier ? { aside: earlier } : {}),
  })
  if (!verdict.accepted) throw new RejectedValue(verdict.message, value)
  const body = refresh.item(value)
  if (body.isEmpty && job.freshness.emptyForMs === undefined) {
    throw new RejectedValue('expected data, got an answer without any', value)
  }
  return { value, body }
}

function parse<V>(read: () => V): V {
  try {
    return read()
  } catch (error) {
    if (error instanceof RefreshError) throw error
    throw new RefreshError(
      'malformed',
      `the body has not the declared shape: ${fault(error).slice(0, 500)}`,
      {
        cause: error,
      },
    )
  }
}

/** What a schema found wrong, place by place on one line, in place of the dump that is its message. */
function fault(error: unknown): string {
  const { issues } = (error ?? {}) as { issues?: unknown }
  if (Array.isArray(issues)) return issues.map(issueText).join('; ')
  return error instanceof Error ? error.message : String(error)
}

function issueText({ path, expected, message }: { path?: unknown; expected?: unknown; message?: unknown }) {
  const what = typeof expected === 'string' ? `expected ${expected}` : String(message)
  return Array.isArray(path) && path.length > 0 ? `${path.join('.')}: ${what}` : what
}

/** A rejected value counts only until the stored one is confirmed again. */
function setAside<V>(aside: Aside, previous: Previous | undefined): AcceptContext<V>['aside'] {
  if (aside.value === undefined || (previous && aside.at <= previous.checkedAt)) return undefined
  return { value: JSON.parse(aside.value) as V, at: aside.at }
}
