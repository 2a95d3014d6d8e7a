import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import middy from '@middy/core'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { jobs } from '#functions/jobs/declared.ts'
import { viewsByJob } from '#functions/jobs/views.ts'
import { functionEnvironment } from '#functions/runtime/environment.ts'
import { errorsAsProblems } from '#functions/runtime/errors.ts'
import { AWS_TIMEOUTS } from '#shared/adapters/aws-timeouts.ts'
import { consoleLog } from '#shared/adapters/console-log.ts'
import { dynamoHistoryReader } from '#shared/adapters/dynamodb/history.ts'
import { dynamoItemReader } from '#shared/adapters/dynamodb/items.ts'
import { dynamoStateReader } from '#shared/adapters/dynamodb/job-states.ts'
import { dynamoRunReader } from '#shared/adapters/dynamodb/runs.ts'
import { dynamoSnapshotReader } from '#shared/adapters/dynamodb/snapshots.ts'
import { dynamoClient, TableReader } from '#shared/adapters/dynamodb/table/table-reader.ts'
import { dynamoTaskReader } from '#shared/adapters/dynamodb/tasks.ts'
import { eventBridgeBus } from '#shared/adapters/event-bridge.ts'
import { systemClock } from '#shared/adapters/system-clock.ts'
import { resolveJob } from '#shared/declare/job.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import { bodyText } from '#shared/read/request.ts'
import { readCounts } from './metrics.ts'
import { readHandler } from './reads.ts'

const environment = functionEnvironment(process.env)
const log = consoleLog('reads', systemClock)
const counts = readCounts(environment.stage, systemClock)
const table = new TableReader(dynamoClient(2), environment.table, (what) =>
  log.error('A stored record cannot be read and counts as missing', { what }),
)

const answer = readHandler(
  jobs.map((job) => resolveJob(job, environment.settings)),
  environment.version,
  {
    store: {
      items: dynamoItemReader(table, systemClock),
      snapshots: dynamoSnapshotReader(table),
      states: dynamoStateReader(table),
      history: dynamoHistoryReader(table),
      runs: dynamoRunReader(table),
      tasks: dynamoTaskReader(table),
    },
    views: viewsByJob,
    bus: eventBridgeBus(new EventBridgeClient({ maxAttempts: 2, ...AWS_TIMEOUTS }), environment.bus),
    clock: systemClock,
    log,
    counts,
  },
  { isPublic: environment.readsAuth === 'public', corsOrigins: environment.corsOrigins },
  // it lies beside the bundle, so that no first read of data parses it
  () => readFile(join(__dirname, 'openapi.json.br')),
)

/** The public reads, behind the HTTP API (payload format 2.0). */
export const handler = middy<APIGatewayProxyEventV2, HttpResult>()
  .use(errorsAsProblems(log, () => counts.add('errors')))
  .handler((event) => {
    const { requestContext, rawPath: path, headers, routeKey, queryStringParameters: query } = event
    counts.write()
    return answer({
      method: requestContext.http.method,
      path,
      headers,
      routeKey,
      query,
      body: bodyText(event),
    })
  })
