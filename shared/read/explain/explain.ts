import type { Job } from '#shared/declare/job.ts'
import type { System } from '#shared/declare/system.ts'
import { defined } from '#shared/domain/defined.ts'
import { causeOf } from './causes.ts'
import type { Explanation } from './explanation.ts'
import { factsOf } from './facts.ts'
import { nextEvent } from './next-event.ts'
import { type ExplainRecords, situationOf } from './situation.ts'

/**
 * Why the data of a job, or the value of one of its keys, are as old as they are, and what happens next and when. Pure:
 * everything follows from the records. Inputs are explained by their last complete run, and with a key by the item that
 * they store under it.
 *
 * @param now - milliseconds since the epoch
 */
export function explain(
  { job, key }: { readonly job: Job; readonly key?: string | undefined },
  system: Pick<System, 'jobs' | 'upstreams'>,
  records: ExplainRecords,
  now: number,
): Explanation {
  const explanations = new Map<string, Explanation>()
  const explainJob = (one: Job, keyOfOne: string | undefined, isMain: boolean): Explanation => {
    const inputs = system.jobs
      .filter(({ id }) => one.inputs.includes(id))
      .map((input) => {
        const previous = explanations.get(input.id)
        if (previous) return previous
        const keyOfInput = records.named.items.has(input.id) ? key : undefined
        const explained = explainJob(input, keyOfInput, false)
        explanations.set(input.id, explained)
        return explained
      })
    const subject = { job: one, key: keyOfOne, isMain }
    const situation = situationOf(subject, system.upstreams, records, inputs, now)
    return {
      job: one.id,
      ...defined({ key: keyOfOne }),
      state: situation.data,
      cause: causeOf(situation),
      next: nextEvent(situation),
      facts: factsOf(situation),
      inputs: inputs.filter(({ state }) => state !== 'fresh'),
    }
  }
  return explainJob(job, key, true)
}
