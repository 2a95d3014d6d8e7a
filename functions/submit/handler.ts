import { SFNClient } from '@aws-sdk/client-sfn'
import middy from '@middy/core'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { jobs as declared } from '#functions/jobs/declared.ts'
import { submissionsByJob } from '#functions/jobs/submissions.ts'
import { functionEnvironment } from '#functions/runtime/environment.ts'
import { errorsAsProblems, responseDeadline } from '#functions/runtime/errors.ts'
import { reportUndecodable } from '#functions/runtime/ports.ts'
import { awsTimeouts } from '#shared/adapters/aws-timeouts.ts'
import { dynamoSubmissionStore } from '#shared/adapters/dynamodb/store.ts'
import { dynamoClient } from '#shared/adapters/dynamodb/table/table-reader.ts'
import { powertoolsLog } from '#shared/adapters/powertools-log.ts'
import { stepFunctions } from '#shared/adapters/step-functions.ts'
import { systemClock, systemRandom } from '#shared/adapters/system-clock.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { withOnly } from '#shared/declare/only.ts'
import { withCors } from '#shared/read/headers.ts'
import { authorizedRequest } from '#shared/read/request.ts'
import { submitEvents } from './events.ts'
import { SubmitRequests } from './requests.ts'

const environment = functionEnvironment(process.env)
const log = powertoolsLog('submit')
const jobs = withOnly(
  declared.map((job) => resolveJob(job, environment.settings)),
  environment.only,
)
const ports = {
  store: dynamoSubmissionStore(
    dynamoClient(3, awsTimeouts(environment.awsTimeoutMs)),
    environment.table,
    reportUndecodable(log, environment, systemClock),
  ),
  stateMachines: stepFunctions(
    new SFNClient({ maxAttempts: 3, ...awsTimeouts(environment.awsTimeoutMs) }),
    environment.machines,
  ),
  clock: systemClock,
  random: systemRandom,
  log,
}
const requests = new SubmitRequests({ jobs, submissions: submissionsByJob, ports })
const handleEvent = submitEvents(jobs, ports)

const handleHttp = middy<APIGatewayProxyEventV2, object>()
  .use(errorsAsProblems(log))
  .handler(async (event, context) => {
    const now = systemClock.now()
    const request = authorizedRequest(event, now)
    const result = await requests.handle(request, responseDeadline(context, now))
    return withCors(result, request, environment.corsOrigins)
  })

/** Submits every task: those of schedules, of the bus and of HTTP requests. */
export const handler = middy<APIGatewayProxyEventV2 | object, object>().handler((event, context) =>
  isRequest(event) ? handleHttp(event, context) : handleEvent(event),
)

function isRequest(event: object): event is APIGatewayProxyEventV2 {
  return 'requestContext' in event
}
