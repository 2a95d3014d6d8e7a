import * as z from 'zod'
import list from './deployed-jobs.json' with { type: 'json' }
import { type Finding, finding } from './findings.ts'

/** One line of the list of deployed jobs: a job, or the end of one. */
export type DeployedJob =
  | {
      readonly id: string
      /** The earlier job whose data this one stores under its own id from now on. */
      readonly replaces?: string | undefined
    }
  | {
      /** The id of a job that is gone for good; its data expire. */
      readonly retired: string
      readonly reason: string
    }

const id = z.string().regex(/^[a-z][a-z0-9-]+$/, 'expected the id of a job')
const schema = z.array(
  z.union([
    z.strictObject({ id, replaces: id.optional() }),
    z.strictObject({ retired: id, reason: z.string().min(1) }),
  ]),
)

/**
 * The jobs that were ever deployed, in the order of their first deployment. Lines are added and never changed: data of
 * each of them may be in a table.
 */
export const deployedJobs: readonly DeployedJob[] = schema.parse(list)

/**
 * A job that was deployed and is gone has to say so, because its data would be orphaned; the id of such a job is never
 * used again, because its data would be served.
 */
export function checkDeployedJobs(
  jobs: readonly { readonly id: string }[],
  deployed: readonly DeployedJob[],
): Finding[] {
  const declared = new Set(jobs.map(({ id: name }) => name))
  const ends = new Map(deployed.flatMap(endOf))
  const ids = deployed.flatMap((line) => ('id' in line ? line.id : []))
  return [
    ...ids
      .filter((name) => !declared.has(name) && !ends.has(name))
      .map((name) =>
        finding(
          'names',
          name,
          'expected a declaration, because it was deployed; got none. Add { "id": "<new id>", "replaces": ' +
            `"${name}" } or { "retired": "${name}", "reason": "..." } to infra/checks/deployed-jobs.json`,
        ),
      ),
    ...[...ends]
      .filter(([name]) => declared.has(name))
      .map(([name, how]) =>
        finding('names', name, `expected an id that was never used, got one that is ${how}`),
      ),
    ...[...ends.keys()]
      .filter((name) => !ids.includes(name))
      .map((name) =>
        finding('names', name, 'expected a deployed job to end, got one that is not in deployed-jobs.json'),
      ),
    ...ids
      .filter((name, index) => ids.indexOf(name) !== index)
      .map((name) => finding('names', name, 'expected each job once in deployed-jobs.json, got it twice')),
  ]
}

/** Jobs that are declared and not in the list: they have to be added with their first deployment. */
export function undeployedJobs(
  jobs: readonly { readonly id: string }[],
  deployed: readonly DeployedJob[],
): readonly string[] {
  const ids = deployed.flatMap((line) => ('id' in line ? line.id : []))
  return jobs.map(({ id: name }) => name).filter((name) => !ids.includes(name))
}

function endOf(line: DeployedJob): (readonly [name: string, how: string])[] {
  if ('retired' in line) return [[line.retired, 'retired']]
  return line.replaces === undefined ? [] : [[line.replaces, `replaced by ${line.id}`]]
}
