import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { AWS_TIMEOUTS } from '#shared/adapters/aws-timeouts.ts'
import { dynamoStore } from '#shared/adapters/dynamodb/store.ts'
import { dynamoClient } from '#shared/adapters/dynamodb/table/table-reader.ts'
import { eventBridgeBus } from '#shared/adapters/event-bridge.ts'
import { httpClient } from '#shared/adapters/http-client/http-client.ts'
import { powertoolsLog } from '#shared/adapters/powertools-log.ts'
import { systemClock, systemRandom } from '#shared/adapters/system-clock.ts'
import { type JobDeclaration, resolveJob } from '#shared/declare/job.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Http } from '#shared/domain/ports/http.ts'
import type { Secrets } from '#shared/domain/ports/secrets.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import type { Ports, Work } from '#shared/engine/model/run-state.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { type FunctionEnvironment, functionEnvironment } from './environment.ts'

/** Where secrets are read, such as `ssmSecrets`. */
export type SecretsFactory = (clock: Clock, warn: (message: string) => void) => Secrets

/**
 * A job as its function runs it: resolved with the settings of its environment, over the real ports.
 *
 * @throws {TypeError} for settings that are not legal, and for a job of a provider that may have a key without a reader
 *   of secrets
 */
export function jobWork<V>(
  declaration: JobDeclaration,
  refresh: Refresh<V>,
  secretsReader: SecretsFactory | undefined,
): Work<V> {
  const environment = functionEnvironment(process.env)
  const job = resolveJob(declaration, environment.settings)
  const [upstream, ...otherUpstreams] = job.upstreams.map((name) => {
    const declared = upstreams.find((one) => one.name === name)
    if (declared?.spec.secret && !secretsReader)
      throw new TypeError(`expected ${job.id} to be given a reader of secrets: ${name} may have a key`)
    if (declared) return resolveUpstream(declared, environment.settings)
    throw new TypeError(`the job ${job.id} names the unknown upstream ${name}`)
  })
  if (!upstream) throw new TypeError(`the job ${job.id} names no upstream`)
  const log = powertoolsLog(job.id)
  const unreadable = (what: string) =>
    log.error('A stored record cannot be read and counts as missing', { what })
  const ports: Ports = {
    clock: systemClock,
    random: systemRandom,
    http: withUserAgent(
      httpClient({ trustedOrigins: [upstream, ...otherUpstreams].flatMap((one) => one.trustedOrigins) }),
      environment,
    ),
    store: dynamoStore(dynamoClient(3), environment.table, systemClock, unreadable),
    bus: eventBridgeBus(new EventBridgeClient({ maxAttempts: 3, ...AWS_TIMEOUTS }), environment.bus),
    secrets: secretsReader?.(systemClock, (message) => log.warn(message)) ?? noSecrets,
    log,
  }
  return { job, refresh, upstream, otherUpstreams, ports }
}

const noSecrets: Secrets = {
  get: (parameter) =>
    Promise.reject(new RefreshError('secret', `expected a reader of secrets for ${parameter}, got none`)),
}

/** Says who asks, as providers want to know. */
function withUserAgent(http: Http, { version, contact }: FunctionEnvironment): Http {
  const userAgent = `freshet/${version}${contact === undefined ? '' : ` (+${contact})`}`
  return (request) => http({ ...request, headers: { 'user-agent': userAgent, ...request.headers } })
}
