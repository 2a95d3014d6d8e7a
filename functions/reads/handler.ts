import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import middy from '@middy/core'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { jobs } from '#functions/declared-jobs.ts'
import { functionEnvironment } from '#functions/environment.ts'
import { errorsAsProblems } from '#functions/errors.ts'
import { viewsByJob } from '#functions/jobs/shapes.ts'
import { bodyText } from '#functions/serving/body-of.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { systemClock } from '#shared/domain/ports/clock.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import { consoleLog } from '#shared/ports/console-log.ts'
import { eventBridgeBus } from '#shared/ports/event-bridge-bus.ts'
import { AWS_TIMEOUTS } from '#shared/ports/patience.ts'
import { dynamoClient } from '#shared/store/dynamo-client.ts'
import { dynamoHistoryReader } from '#shared/store/history.ts'
import { dynamoItemReader } from '#shared/store/items.ts'
import { dynamoRunReader } from '#shared/store/runs.ts'
import { dynamoSnapshotReader } from '#shared/store/snapshots.ts'
import { dynamoStateReader } from '#shared/store/states.ts'
import { TableReader } from '#shared/store/table-reader.ts'
import { dynamoTaskReader } from '#shared/store/tasks.ts'
import { readCounts } from './counts.ts'
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
