import { readFile } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import middy from '@middy/core'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { jobs } from '#functions/jobs/declared.ts'
import { viewsByJob } from '#functions/jobs/views.ts'
import { functionEnvironment } from '#functions/runtime/environment.ts'
import { errorsAsProblems } from '#functions/runtime/errors.ts'
import { functionBus, reportUndecodable } from '#functions/runtime/ports.ts'
import { awsTimeouts } from '#shared/adapters/aws-timeouts.ts'
import { consoleLog } from '#shared/adapters/console-log.ts'
import { dynamoHistoryReader } from '#shared/adapters/dynamodb/history.ts'
import { dynamoItemReader } from '#shared/adapters/dynamodb/items.ts'
import { dynamoStateReader } from '#shared/adapters/dynamodb/job-states.ts'
import { dynamoKeyReader } from '#shared/adapters/dynamodb/published-keys.ts'
import { dynamoRunReader } from '#shared/adapters/dynamodb/runs.ts'
import { dynamoSnapshotReader } from '#shared/adapters/dynamodb/snapshots.ts'
import { dynamoClient, TableReader } from '#shared/adapters/dynamodb/table/table-reader.ts'
import { dynamoTaskReader } from '#shared/adapters/dynamodb/tasks.ts'
import { systemClock } from '#shared/adapters/system-clock.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { withOnly } from '#shared/declare/only.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import { bodyText } from '#shared/read/request.ts'
import { ReadCounts } from './metrics.ts'
import { Reads } from './reads.ts'

/** A reader waits for the response: no more attempts than one retry of a table or bus request. */
const MAX_ATTEMPTS = 2

const environment = functionEnvironment(process.env)
const log = consoleLog(
  'reads',
  systemClock,
  process.env['POWERTOOLS_LOG_LEVEL'] === 'DEBUG' ? 'DEBUG' : 'INFO',
)
const counts = new ReadCounts(environment.stage, systemClock)
const table = new TableReader(
  dynamoClient(MAX_ATTEMPTS, awsTimeouts(environment.awsTimeoutMs)),
  environment.table,
  reportUndecodable(log, environment, systemClock),
)

const reads = new Reads(
  withOnly(
    jobs.map((job) => resolveJob(job, environment.settings)),
    environment.only,
  ),
  environment.version,
  {
    store: {
      items: dynamoItemReader(table, systemClock),
      keys: dynamoKeyReader(table),
      snapshots: dynamoSnapshotReader(table, systemClock),
      states: dynamoStateReader(table),
      history: dynamoHistoryReader(table),
      runs: dynamoRunReader(table),
      tasks: dynamoTaskReader(table),
    },
    views: viewsByJob,
    bus: functionBus(environment, MAX_ATTEMPTS),
    clock: systemClock,
    log,
    counts,
  },
  { isPublic: environment.readsAuth === 'public', corsOrigins: environment.corsOrigins },
  {
    file: readBeside,
    overview: () => requireBeside('overview.cjs').overviewResponse,
    simulated: environment.simulated,
  },
)

/** A compressed file beside the bundle, so that reads of data do not parse it. */
async function readBeside(path: string): Promise<Uint8Array | undefined> {
  try {
    // node:fs/promises would load twelve modules more
    return await promisify(readFile)(join(__dirname, `${path}.br`))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** A second bundle in the folder of this one. */
function requireBeside(file: 'overview.cjs'): typeof import('./overview.ts') {
  return createRequire(__filename)(join(__dirname, file))
}

/** The public reads, behind the HTTP API (payload format 2.0). */
export const handler = middy<APIGatewayProxyEventV2, HttpResult>()
  .use(errorsAsProblems(log, () => counts.add('errors')))
  .handler((event) => {
    const { requestContext, rawPath: path, headers, routeKey, queryStringParameters: query } = event
    counts.write()
    return reads.handle({
      method: requestContext.http.method,
      path,
      headers,
      routeKey,
      query,
      body: bodyText(event),
    })
  })
