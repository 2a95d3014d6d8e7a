import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn'
import type { StateMachines } from '#shared/domain/ports/state-machines.ts'

/**
 * State machines on Step Functions. The name of an execution is the run id, so that a repeated start has no effect.
 *
 * @param arns - the state machine of each job, by job id
 */
export function stepFunctions(client: SFNClient, arns: ReadonlyMap<string, string>): StateMachines {
  return {
    async start(job, run) {
      const stateMachineArn = arns.get(job)
      if (stateMachineArn === undefined) {
        throw new TypeError(
          `expected a job with a state machine, one of ${[...arns.keys()].join(', ')}; got ${job}`,
        )
      }
      try {
        await client.send(
          new StartExecutionCommand({ stateMachineArn, name: run, input: JSON.stringify({ run }) }),
        )
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw error
      }
    },
  }
}
