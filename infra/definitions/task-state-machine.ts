import type { Job } from '#shared/declare/job.ts'
import { jobTimeoutMs } from './timeouts.ts'

/** A machine in the Amazon States Language, as far as ours go: JSONPath, no variables, no tokens, no context object. */
export interface TaskStateMachine {
  readonly Comment: string
  readonly StartAt: string
  readonly TimeoutSeconds: number
  readonly States: Readonly<Record<string, object>>
}

/** What the machine of a job invokes. */
interface StepTarget {
  /** `aws`, unless it is deployed in another part of the world. */
  readonly partition: string
  /** ARN of the alias of the job's function. */
  readonly functionArn: string
}

/** So long after its deadline, in seconds, a task that nobody could end otherwise is cut off. */
const TIMEOUT_MARGIN_S = 60

/** What Lambda itself may fail with, before the function was asked or after; never an error of ours. */
const LAMBDA_SERVICE_ERRORS = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
]

/** Every step can be said again. All at once would be refused again, so each waits as long as chance says. */
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

/** The name of a job's machine in a stage. */
export function stateMachineName(stage: string, job: string): string {
  return `Freshet-${stage}-${job}`
}

/**
 * The machine of a job whose runs are tasks. Pure: the stack and the local run are made from the same definition. It
 * calls the job's function step by step and decides nothing itself; what the steps leave for each other is in the
 * table, so nothing but the run's id and the numbers of its chunks is in the state.
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
  const answered = { ResultSelector: { 'answer.$': '$.Payload' }, ResultPath: '$.said' }
  const when = (next: string, state: string) => ({
    Variable: '$.said.answer.next',
    StringEquals: next,
    Next: state,
  })
  return {
    Comment: `Tasks of ${job.id}`,
    StartAt: 'Begin',
    TimeoutSeconds: Math.ceil(job.run.deadlineMs / 1_000) + TIMEOUT_MARGIN_S,
    States: {
      Begin: { ...step({ step: 'begin' }), ...answered, Catch: CATCH, Next: 'Begun' },
      Begun: {
        Type: 'Choice',
        Choices: [
          when('wait', 'Wait'),
          when('chunks', 'Chunks'),
          when('finish', 'Finish'),
          when('end', 'Ended'),
        ],
        Default: 'Failed',
      },
      Wait: { Type: 'Wait', SecondsPath: '$.said.answer.seconds', Next: 'Begin' },
      Chunks: {
        Type: 'Map',
        ItemsPath: '$.said.answer.chunks',
        MaxConcurrency: job.run.concurrency,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          ...chunkProcessor(job, step({ step: 'chunk', 'chunk.$': '$.chunk' })),
        },
        ResultPath: null,
        Catch: CATCH,
        Next: 'Finish',
      },
      Finish: { ...step({ step: 'finish' }), ...answered, Catch: CATCH, Next: 'Finished' },
      Finished: { Type: 'Choice', Choices: [when('end', 'Ended')], Default: 'Failed' },
      Close: {
        ...step({ step: 'close', 'error.$': '$.error.Error' }),
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Failed' }],
        Next: 'Failed',
      },
      Ended: { Type: 'Succeed' },
      Failed: { Type: 'Fail', Error: 'TaskFailed', Cause: 'The record of the run says why' },
    },
  }
}

/** One lane: a chunk whose worker is lost does not end the task, its last step counts what is missing. */
function chunkProcessor({ run }: Pick<Job, 'run'>, step: object) {
  const rests = run.paceMs > 0
  const onward = rests ? { Next: 'Rest' } : { End: true }
  return {
    StartAt: 'Chunk',
    States: {
      Chunk: {
        ...step,
        ResultSelector: {},
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Lost' }],
        ...onward,
      },
      Lost: { Type: 'Pass', Result: {}, ...onward },
      ...(rests ? { Rest: { Type: 'Wait', Seconds: run.paceMs / 1_000, End: true } } : {}),
    },
  }
}
