import { SFNClient } from '@aws-sdk/client-sfn'
import middy from '@middy/core'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { jobs as declared } from '#functions/jobs/declared.ts'
import { submissionsByJob } from '#functions/jobs/submissions.ts'
import { functionEnvironment } from '#functions/runtime/environment.ts'
import { errorsAsProblems } from '#functions/runtime/errors.ts'
import { AWS_TIMEOUTS } from '#shared/adapters/aws-timeouts.ts'
import { dynamoSubmissionStore } from '#shared/adapters/dynamodb/store.ts'
import { dynamoClient } from '#shared/adapters/dynamodb/table/table-reader.ts'
import { powertoolsLog } from '#shared/adapters/powertools-log.ts'
import { stepFunctions } from '#shared/adapters/step-functions.ts'
import { systemClock, systemRandom } from '#shared/adapters/system-clock.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { withCors } from '#shared/read/headers.ts'
import { authorizedRequest } from '#shared/read/request.ts'
import { submitEvents } from './events.ts'
import { submitRequests } from './requests.ts'

const environment = functionEnvironment(process.env)
const log = powertoolsLog('submit')
const jobs = declared.map((job) => resolveJob(job, environment.settings))
const store = dynamoSubmissionStore(dynamoClient(3), environment.table, (what) =>
  log.error('A stored record cannot be read and counts as missing', { what }),
)
const ports = {
  store,
  stateMachines: stepFunctions(new SFNClient({ maxAttempts: 3, ...AWS_TIMEOUTS }), environment.machines),
  clock: systemClock,
  random: systemRandom,
  log,
}
const ofEvent = submitEvents(jobs, ports)
const ofRequest = submitRequests({ jobs, submissions: submissionsByJob, ports })

const overHttps = middy<APIGatewayProxyEventV2, object>()
  .use(errorsAsProblems(log))
  .handler(async (event) => {
    const request = authorizedRequest(event, systemClock.now())
    return withCors(await ofRequest(request), request, environment.corsOrigins)
  })

/** The one door for tasks: what schedules, the bus and readers ask for goes through it. */
export const handler = middy<APIGatewayProxyEventV2 | object, object>().handler((event, context) =>
  isRequest(event) ? overHttps(event, context) : ofEvent(event),
)

function isRequest(event: object): event is APIGatewayProxyEventV2 {
  return 'requestContext' in event
}
