import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import type { RunRequest, RunState, Work } from '../context.ts'
import type { Caller } from './reserve.ts'

/**
 * Who asks, when a run does. Readers of one key neither probe nor judge the provider, else one key that it always
 * fails on could stop all others.
 */
export function callerOf({
  request,
  record,
  deadline,
  secretVersion,
}: Pick<RunState, 'request' | 'record' | 'deadline' | 'secretVersion'>): Caller {
  return {
    owner: record.owner,
    deadline,
    countsForBreaker: countsForBreaker(request),
    forOperator: request.cause === 'operator',
    ...(secretVersion === undefined ? {} : { secretVersion }),
  }
}

function countsForBreaker({ key, cause }: RunRequest): boolean {
  return key === undefined || cause === 'operator'
}

/**
 * The version of the secret as it is now, where the provider has refused one: a newer one is not bound by that.
 * `undefined` when none was refused or none can be had.
 */
export async function secretVersionAfterAuthFailure<V>(
  { coolDown }: Pick<UpstreamState, 'coolDown'>,
  { upstream, ports }: Omit<Work<V>, 'refresh'>,
): Promise<string | undefined> {
  if (coolDown?.secretVersion === undefined || !upstream.secret) return undefined
  try {
    return (await ports.secrets.get(upstream.secret.parameter)).version
  } catch (error) {
    ports.log.warn('Whether a refused secret was renewed cannot be told', { upstream: upstream.name, error })
    return undefined
  }
}
