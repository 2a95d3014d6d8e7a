import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import middy from '@middy/core'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { jobs } from '#functions/declared-jobs.ts'
import { functionEnvironment } from '#functions/environment.ts'
import { errorsAsProblems } from '#functions/errors.ts'
import { viewsByJob } from '#functions/jobs/shapes.ts'
import { authorizedRequest } from '#functions/serving/authorized-request.ts'
import { namedSettings, resolveSystem } from '#shared/declare/system.ts'
import { systemClock } from '#shared/domain/ports/clock.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import { eventBridgeBus } from '#shared/ports/event-bridge-bus.ts'
import { AWS_TIMEOUTS } from '#shared/ports/patience.ts'
import { powertoolsLog } from '#shared/ports/powertools-log.ts'
import { systemRandom } from '#shared/ports/random.ts'
import { dynamoClient } from '#shared/store/dynamo-client.ts'
import { dynamoOperatorStore } from '#shared/store/dynamo-operators.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { operationsHandler } from './operations.ts'

const environment = functionEnvironment(process.env)
const log = powertoolsLog('operations')
const declarations = { jobs, upstreams }
const settings = Object.fromEntries(
  namedSettings(declarations).flatMap(({ name }) => {
    const text = environment.settings[name]
    return text === undefined ? [] : [[name, text]]
  }),
)

const answer = operationsHandler(resolveSystem(declarations, settings), environment.version, {
  store: dynamoOperatorStore(dynamoClient(3), environment.table, systemClock, (what) =>
    log.error('A stored record cannot be read and counts as missing', { what }),
  ),
  views: viewsByJob,
  bus: eventBridgeBus(new EventBridgeClient({ maxAttempts: 3, ...AWS_TIMEOUTS }), environment.bus),
  clock: systemClock,
  random: systemRandom,
  log,
})

/** The operators' API, behind the HTTP API (payload format 2.0) and its authorizer. */
export const handler = middy<APIGatewayProxyEventV2, HttpResult>()
  .use(errorsAsProblems(log))
  .handler((event) => answer(authorizedRequest(event, systemClock.now())))
