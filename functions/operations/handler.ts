import middy from '@middy/core'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { jobs } from '#functions/jobs/declared.ts'
import { operatorViewsByJob } from '#functions/jobs/operator-views.ts'
import { viewsByJob } from '#functions/jobs/views.ts'
import { failureQueueUrls, functionEnvironment } from '#functions/runtime/environment.ts'
import { errorsAsProblems, responseDeadline } from '#functions/runtime/errors.ts'
import { METRIC_NAMESPACE } from '#functions/runtime/metric-names.ts'
import { functionBus, reportUndecodable } from '#functions/runtime/ports.ts'
import { awsTimeouts } from '#shared/adapters/aws-timeouts.ts'
import { cloudWatchMetrics } from '#shared/adapters/cloudwatch.ts'
import { dynamoOperatorStore } from '#shared/adapters/dynamodb/store.ts'
import { dynamoClient } from '#shared/adapters/dynamodb/table/table-reader.ts'
import { powertoolsLog } from '#shared/adapters/powertools-log.ts'
import { sqsFailureQueues } from '#shared/adapters/sqs.ts'
import { systemClock, systemRandom } from '#shared/adapters/system-clock.ts'
import { withOnly } from '#shared/declare/only.ts'
import { namedSettings, resolveSystem } from '#shared/declare/system.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import { authorizedRequest } from '#shared/read/request.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { Operations } from './operations.ts'

const environment = functionEnvironment(process.env)
const log = powertoolsLog('operations')
const declarations = { jobs, upstreams }
const settings = Object.fromEntries(
  namedSettings(declarations).flatMap(({ name }) => {
    const text = environment.settings[name]
    return text === undefined ? [] : [[name, text]]
  }),
)

const table = dynamoClient(3, awsTimeouts(environment.awsTimeoutMs))

/** A request for metrics, which an operator waits for. */
const METRICS_TIMEOUT_MS = 3_000

/** A request for messages, which waits for them for a second. */
const QUEUE_TIMEOUT_MS = 3_000

const resolved = resolveSystem(declarations, settings)
const system = { ...resolved, jobs: withOnly(resolved.jobs, environment.only) }

const operations = new Operations(system, environment.version, {
  store: dynamoOperatorStore(
    table,
    environment.table,
    systemClock,
    reportUndecodable(log, environment, systemClock),
  ),
  metrics: cloudWatchMetrics(table, {
    namespace: METRIC_NAMESPACE,
    dimensions: { service: environment.stage },
    timeoutMs: environment.awsTimeoutMs ?? METRICS_TIMEOUT_MS,
    endpoint: environment.settings['AWS_ENDPOINT_URL_CLOUDWATCH'],
  }),
  queues: sqsFailureQueues(table, {
    urls: failureQueueUrls(environment.settings),
    timeoutMs: environment.awsTimeoutMs ?? QUEUE_TIMEOUT_MS,
  }),
  views: viewsByJob,
  operatorViews: operatorViewsByJob,
  bus: functionBus(environment),
  clock: systemClock,
  random: systemRandom,
  log,
})

/** The operators' API, behind the HTTP API (payload format 2.0) and its authorizer. */
export const handler = middy<APIGatewayProxyEventV2, HttpResult>()
  .use(errorsAsProblems(log))
  .handler((event, context) =>
    operations.handle(
      authorizedRequest(event, systemClock.now()),
      responseDeadline(context, systemClock.now()),
    ),
  )
