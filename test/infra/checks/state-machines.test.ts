import { expect, test } from 'vitest'
import { checkStateMachines } from '#infra/checks/state-machines.ts'
import { taskStateMachine } from '#infra/definitions/task-state-machine.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { tinyTaskJob } from '#test/support/jobs/test-jobs.ts'

type States = Record<string, Record<string, unknown>>

const good = taskStateMachine(resolveJob(tinyTaskJob(), {}), { partition: 'aws', functionArn: 'arn' })

/** What is found in a template whose machine is changed so. */
function findings(change: (machine: Record<string, unknown>, states: States) => void): string[] {
  const machine = structuredClone(good) as unknown as Record<string, unknown>
  change(machine, machine['States'] as States)
  const [before, after] = [JSON.stringify(machine).slice(0, 9), JSON.stringify(machine).slice(9)]
  const DefinitionString = { 'Fn::Join': ['', [before, after]] }
  const Resources = { Toy: { Type: 'AWS::StepFunctions::StateMachine', Properties: { DefinitionString } } }
  return checkStateMachines({ Resources }).map(({ subject, message }) => `${subject}: ${message}`)
}

const lane = ({ Chunks }: States) =>
  (Chunks as unknown as { ItemProcessor: { States: States } }).ItemProcessor.States

test('a machine of ours is as it should be', () => {
  expect(findings(() => {})).toEqual([])
})

test.each<[string, Parameters<typeof findings>[0], string]>([
  [
    'JSONata of the whole',
    (machine) => Object.assign(machine, { QueryLanguage: 'JSONata' }),
    'expected JSONPath in the machine, got JSONata',
  ],
  [
    'JSONata of one state',
    (_, { Begin }) => Object.assign(Begin ?? {}, { QueryLanguage: 'JSONata' }),
    'expected JSONPath in Begin, got JSONata',
  ],
  [
    'variables',
    (_, { Wait }) => Object.assign(Wait ?? {}, { Assign: {} }),
    'expected no Assign in Wait, got one',
  ],
  [
    'a heartbeat in a lane',
    (_, states) => Object.assign(lane(states)['Chunk'] ?? {}, { HeartbeatSeconds: 1 }),
    'expected no HeartbeatSeconds in Chunk, got one',
  ],
  [
    'a task token',
    (_, { Finish }) =>
      Object.assign(Finish ?? {}, { Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken' }),
    'expected no task token in Finish, got arn:aws:states:::lambda:invoke.waitForTaskToken',
  ],
  [
    'a task without a timeout',
    (_, states) => delete lane(states)['Chunk']?.['TimeoutSeconds'],
    'expected TimeoutSeconds of Chunk, got none',
  ],
  [
    'no timeout of the whole',
    (machine) => delete machine['TimeoutSeconds'],
    'expected TimeoutSeconds of the machine, got none',
  ],
  [
    'a retry of what our code fails with',
    (_, { Begin }) => Object.assign(Begin ?? {}, { Retry: [{ ErrorEquals: ['RefreshError'] }] }),
    'expected Begin to retry only errors of the Lambda service, got RefreshError',
  ],
  [
    'a catch of everything before another one',
    (_, { Begin }) =>
      Object.assign(Begin ?? {}, {
        Catch: [
          { ErrorEquals: ['States.ALL'], Next: 'Close' },
          { ErrorEquals: ['States.Timeout'], Next: 'Close' },
        ],
      }),
    'expected States.ALL alone and last in Begin',
  ],
  [
    'a catch of everything and something',
    (_, { Begin }) =>
      Object.assign(Begin ?? {}, {
        Catch: [{ ErrorEquals: ['States.Timeout', 'States.ALL'], Next: 'Close' }],
      }),
    'expected States.ALL alone and last in Begin',
  ],
])('%s is refused', (_, change, message) => {
  expect(findings(change)).toEqual([`Toy: ${message}`])
})

test('a definition that is not in the template is refused', () => {
  const Resources = {
    Toy: { Type: 'AWS::StepFunctions::StateMachine', Properties: { DefinitionS3Location: {} } },
  }

  expect(checkStateMachines({ Resources }).map(({ message }) => message)).toEqual([
    'expected a definition in the template, got none that can be read',
  ])
})
