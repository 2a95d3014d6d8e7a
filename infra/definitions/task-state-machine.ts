import type { Job } from '#shared/declare/job.ts'
import { jobTimeoutMs } from './timeouts.ts'

/** The subset of the Amazon States Language in use: JSONPath, no variables, no task tokens, no context object. */
export interface TaskStateMachine {
  readonly Comment: string
  readonly StartAt: string
  readonly TimeoutSeconds: number
  readonly States: Readonly<Record<string, object>>
}

/** The function that the state machine of a job invokes. */
interface StepTarget {
  /** `aws`, or the partition of another region group. */
  readonly partition: string
  /** ARN of the alias of the job's function. */
  readonly functionArn: string
}

/** Seconds after the deadline at which the state machine ends a task that did not end by itself. */
const TIMEOUT_MARGIN_S = 60

/** Errors of the Lambda service, before or after the invocation; never errors of the function. */
const LAMBDA_SERVICE_ERRORS = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
]

/** Every step is idempotent. Full jitter keeps throttled lanes from retrying all at once. */
const RETRY = [
  {
    ErrorEquals: LAMBDA_SERVICE_ERRORS,
    IntervalSeconds: 1,
    MaxAttempts: 4,
    BackoffRate: 2,
    MaxDelaySeconds: 10,
    JitterStrategy: 'FULL',
  },
]

/** What fails in any other way ends the task: in its record first, then in the machine. */
const CATCH = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Close' }]

/** The name of a job's state machine in a stage. */
export function stateMachineName(stage: string, job: string): string {
  return `Freshet-${stage}-${job}`
}

/**
 * The state machine of a job whose runs are tasks. Pure: the stack and the local system use the same definition. It
 * invokes the job's function for each step and takes the next state from its result. The steps share data through the
 * table, so the state holds only the run's id and the numbers of its chunks.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
 */
export function taskStateMachine(
  job: Pick<Job, 'id' | 'run'>,
  { partition, functionArn }: StepTarget,
): TaskStateMachine {
  const step = (payload: Readonly<Record<string, string>>) => ({
    Type: 'Task',
    Resource: `arn:${partition}:states:::lambda:invoke`,
    Parameters: { FunctionName: functionArn, Payload: { ...payload, 'run.$': '$.run' } },
    TimeoutSeconds: Math.ceil(jobTimeoutMs(job) / 1_000),
    Retry: RETRY,
  })
  const withResult = { ResultSelector: { 'payload.$': '$.Payload' }, ResultPath: '$.result' }
  const choice = (next: string, state: string) => ({
    Variable: '$.result.payload.next',
    StringEquals: next,
    Next: state,
  })
  return {
    Comment: `Tasks of ${job.id}`,
    StartAt: 'Begin',
    TimeoutSeconds: Math.ceil(job.run.deadlineMs / 1_000) + TIMEOUT_MARGIN_S,
    States: {
      Begin: { ...step({ step: 'begin' }), ...withResult, Catch: CATCH, Next: 'AfterBegin' },
      AfterBegin: {
        Type: 'Choice',
        Choices: [
          choice('wait', 'Wait'),
          choice('chunks', 'Chunks'),
          choice('finish', 'Finish'),
          choice('end', 'Succeeded'),
        ],
        Default: 'Failed',
      },
      Wait: { Type: 'Wait', SecondsPath: '$.result.payload.seconds', Next: 'Begin' },
      Chunks: {
        Type: 'Map',
        ItemsPath: '$.result.payload.chunks',
        MaxConcurrency: job.run.concurrency,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          ...chunkProcessor(job, step({ step: 'chunk', 'chunk.$': '$.chunk' })),
        },
        ResultPath: null,
        Catch: CATCH,
        Next: 'Finish',
      },
      Finish: { ...step({ step: 'finish' }), ...withResult, Catch: CATCH, Next: 'AfterFinish' },
      AfterFinish: { Type: 'Choice', Choices: [choice('end', 'Succeeded')], Default: 'Failed' },
      Close: {
        ...step({ step: 'close', 'error.$': '$.error.Error' }),
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Failed' }],
        Next: 'Failed',
      },
      Succeeded: { Type: 'Succeed' },
      Failed: { Type: 'Fail', Error: 'TaskFailed', Cause: 'The record of the run has the reason' },
    },
  }
}

/** One lane. A failed invocation of a chunk does not end the task: the last step counts the missing chunks. */
function chunkProcessor({ run }: Pick<Job, 'run'>, step: object) {
  const hasPace = run.paceMs > 0
  const after = hasPace ? { Next: 'Pace' } : { End: true }
  return {
    StartAt: 'Chunk',
    States: {
      Chunk: {
        ...step,
        ResultSelector: {},
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Lost' }],
        ...after,
      },
      Lost: { Type: 'Pass', Result: {}, ...after },
      ...(hasPace ? { Pace: { Type: 'Wait', Seconds: run.paceMs / 1_000, End: true } } : {}),
    },
  }
}
