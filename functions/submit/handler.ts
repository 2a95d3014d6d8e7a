import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SFNClient } from '@aws-sdk/client-sfn'
import middy from '@middy/core'
import { resolveJob } from '#shared/declare/job.ts'
import { systemClock } from '#shared/ports/clock.ts'
import { PATIENCE } from '#shared/ports/patience.ts'
import { powertoolsLog } from '#shared/ports/powertools-log.ts'
import { systemRandom } from '#shared/ports/random.ts'
import { stepFunctions } from '#shared/ports/step-functions.ts'
import { dynamoSubmissionStore } from '#shared/store/dynamo-submissions.ts'
import { jobs } from '../declared-jobs.ts'
import { functionEnvironment } from '../environment.ts'
import { submitEvents } from './submit-function.ts'

const environment = functionEnvironment(process.env)
const log = powertoolsLog('submit')

const answer = submitEvents(
  jobs.map((job) => resolveJob(job, environment.settings)),
  {
    store: dynamoSubmissionStore(
      new DynamoDBClient({ maxAttempts: 3, ...PATIENCE }),
      environment.table,
      (what) => log.error('A stored record cannot be read and counts as missing', { what }),
    ),
    machines: stepFunctions(new SFNClient({ maxAttempts: 3, ...PATIENCE }), environment.machines),
    clock: systemClock,
    random: systemRandom,
    log,
  },
)

/** The one door for tasks: what schedules and the bus ask for goes through it. */
export const handler = middy<unknown, object>().handler(answer)
