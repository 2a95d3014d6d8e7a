import { devNull } from 'node:os'
import { stateMachineName } from '#infra/definitions/task-state-machine.ts'
import type { System } from '#shared/declare/system.ts'
import { TABLE } from '../table/create-table.ts'

/** The bus on this machine. */
const BUS = 'freshet'

/** The region that functions believe to be in, unless an endpoint of the operator's says another. */
export const REGION = 'eu-central-1'

/** What the environment of functions is made from. */
export interface EnvironmentInput {
  /** `AWS_*` variables by which the SDK finds table, bus and secrets. */
  readonly aws: Readonly<Record<string, string>>
  readonly version: string
  readonly contact?: string
  /** Origins whose pages may read. */
  readonly corsOrigins: readonly string[]
}

/**
 * The whole process environment of one function, as Lambda and the stack would set it. A job's function gets the
 * settings of its job and upstream, any other those of all of them; values that equal their defaults stay out.
 */
export function functionEnvironment(
  name: string,
  { jobs, changed }: Pick<System, 'jobs' | 'changed'>,
  { aws, version, contact, corsOrigins }: EnvironmentInput,
): Record<string, string> {
  const own = changed.get(name.replace(/^job-/, ''))
  return {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
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
    ...(contact === undefined ? {} : { FRESHET_CONTACT: contact }),
    ...(corsOrigins.length > 0 && ['reads', 'submit'].includes(name)
      ? { FRESHET_CORS_ORIGINS: corsOrigins.join() }
      : {}),
    ...(name === 'submit' ? { FRESHET_MACHINES: JSON.stringify(stateMachineArns(jobs)) } : {}),
    POWERTOOLS_SERVICE_NAME: 'freshet',
    POWERTOOLS_METRICS_NAMESPACE: 'Freshet',
    POWERTOOLS_LOG_LEVEL: 'INFO',
    ...(name.startsWith('job-') && own ? own : Object.assign({}, ...changed.values())),
  }
}

/** ARN of the machine of a job. */
export function stateMachineArn(job: string): string {
  return `arn:aws:states:${REGION}:000000000000:stateMachine:${stateMachineName('local', job)}`
}

function stateMachineArns(jobs: System['jobs']): Record<string, string> {
  const tasks = jobs.filter(({ run }) => run.mode === 'task')
  return Object.fromEntries(tasks.map(({ id }) => [id, stateMachineArn(id)]))
}
