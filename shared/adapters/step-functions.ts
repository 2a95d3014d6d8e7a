import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn'
import type { StateMachines } from '#shared/domain/ports/state-machines.ts'

/**
 * Machines on Step Functions. The name of an execution is the id of its run, so that a repetition starts no second one.
 *
 * @param arns - of the machine of each job, by the job's id
 */
export function stepFunctions(client: SFNClient, arns: ReadonlyMap<string, string>): StateMachines {
  return {
    async start(job, run) {
      const stateMachineArn = arns.get(job)
      if (stateMachineArn === undefined) {
        throw new TypeError(`expected the machine of one of ${[...arns.keys()].join(', ')}; got ${job}`)
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
