import { devNull } from 'node:os'
import { QUEUE_VARIABLES } from '#functions/runtime/environment.ts'
import { datasetsEnvironment, functionSettings } from '#infra/definitions/function-settings.ts'
import { stateMachineName } from '#infra/definitions/task-state-machine.ts'
import type { System } from '#shared/declare/system.ts'
import { defined } from '#shared/domain/defined.ts'
import { FAILURE_QUEUES } from '#shared/domain/ports/failure-queues.ts'
import { accessKeyOf } from '../aws/access-keys.ts'
import { queueUrl } from '../aws/failure-queues.ts'
import { TABLE } from '../table/create-table.ts'

/** Name of the local bus. */
export const BUS = 'freshet'

/** Region of the functions, by default; an AWS-compatible endpoint may name another. */
export const REGION = 'eu-central-1'

/**
 * The embedded services share the processors with all functions: on a busy machine they take seconds where AWS takes
 * milliseconds. Two attempts of a read fit into its timeout.
 */
const AWS_TIMEOUT_MS = 6_000

/** Functions that answer browsers, and so need the allowed origins. */
const CORS_FUNCTIONS = ['reads', 'submit']

export interface EnvironmentInput {
  /** `AWS_*` variables of the endpoints of table, bus, secrets and state machines. */
  readonly aws: Readonly<Record<string, string>>
  readonly version: string
  readonly contact?: string | undefined
  /** Origins of the pages that may read. */
  readonly corsOrigins: readonly string[]
  /** Names of the simulated providers, which the overview labels. */
  readonly simulated: readonly string[]
  /** The jobs of `--only`, if there are others: the functions of all jobs show those as off. */
  readonly only?: readonly string[] | undefined
}

/** The complete environment of one function, as Lambda and the stack set it; a setting that equals its default is left out. */
export function functionEnvironment(
  name: string,
  { jobs, changed }: Pick<System, 'jobs' | 'changed'>,
  { aws, version, contact, corsOrigins, simulated, only }: EnvironmentInput,
): Record<string, string> {
  const hasCors = corsOrigins.length > 0 && CORS_FUNCTIONS.includes(name)
  return {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: accessKeyOf(name),
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    ...aws,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    FRESHET_TABLE: TABLE,
    FRESHET_BUS: BUS,
    FRESHET_STAGE: 'local',
    FRESHET_VERSION: version,
    FRESHET_AWS_TIMEOUT_MS: String(AWS_TIMEOUT_MS),
    ...(name === 'operations' ? queueVariables(aws) : {}),
    ...defined<Record<string, string | undefined>>({
      FRESHET_CONTACT: contact,
      FRESHET_CORS_ORIGINS: hasCors ? corsOrigins.join() : undefined,
      FRESHET_SIMULATED: name === 'reads' && simulated.length > 0 ? simulated.join() : undefined,
      FRESHET_ONLY: name.startsWith('job-') ? undefined : only?.join(),
      FRESHET_MACHINES: name === 'submit' ? JSON.stringify(stateMachineArns(jobs)) : undefined,
    }),
    POWERTOOLS_SERVICE_NAME: 'freshet',
    POWERTOOLS_METRICS_NAMESPACE: 'Freshet',
    POWERTOOLS_LOG_LEVEL: 'INFO',
    ...jobs.filter(({ id }) => name === `job-${id}`).map((job) => datasetsEnvironment(job, jobs))[0],
    ...functionSettings(name, { jobs, changed }),
  }
}

/** The queues are at the endpoint of the bus. */
function queueVariables({ AWS_ENDPOINT_URL_EVENTBRIDGE: endpoint }: EnvironmentInput['aws']) {
  if (endpoint === undefined) throw new TypeError('expected the endpoint of the bus, got none')
  return Object.fromEntries(
    FAILURE_QUEUES.map((queue) => [QUEUE_VARIABLES[queue], queueUrl(endpoint, queue)]),
  )
}

/** The ARN of the state machine of a job. */
export function stateMachineArn(job: string): string {
  return `arn:aws:states:${REGION}:000000000000:stateMachine:${stateMachineName('local', job)}`
}

function stateMachineArns(jobs: System['jobs']): Record<string, string> {
  const tasks = jobs.filter(({ run }) => run.mode === 'task')
  return Object.fromEntries(tasks.map(({ id }) => [id, stateMachineArn(id)]))
}
