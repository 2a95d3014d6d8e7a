import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { EventBus } from 'aws-cdk-lib/aws-events'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import {
  auditsOf,
  controlKey,
  historyKey,
  itemKey,
  publishedKeysKey,
  rejectedKey,
  runsOf,
  stateKey,
  submissionClaimKey,
  taskKey,
  upstreamKey,
} from '#shared/adapters/dynamodb/table/keys.ts'
import type { Job } from '#shared/declare/job.ts'
import type { System } from '#shared/declare/system.ts'

/** Families of partitions, as a leading-key condition names them: of one job, of one upstream, of operators. */
const partitions = {
  items: (job: string): string => `${itemKey(job, '').pk}*`,
  /** Of every kind and entity. */
  history: (job: string): string => `${historyKey(job, '', '', 0).pk.replace(/#+$/, '')}#*`,
  rejected: (job: string): string => rejectedKey(job, '').pk,
  runs: (job: string): string => runsOf(job),
  keys: (job: string): string => publishedKeysKey(job).pk,
  /** Of every task of the job. */
  tasks: (job: string): string => taskKey(job, '*', '').pk,
  submissions: (job: string): string => submissionClaimKey(job, '').pk,
  control: (job: string): string => controlKey(job).pk,
  public: (job: string): string => stateKey(job).pk,
  upstream: (name: string): string => upstreamKey(name).pk,
  audits: (): string => auditsOf('*'),
}

/** What a job may do: read and write what is its own, read what operators decided about it. */
export function jobPermissions(
  table: TableV2,
  { id, upstreams, stored, inputs, history, run }: Job,
): PolicyStatement[] {
  const items = partitions.items(id)
  const own = [
    items,
    partitions.rejected(id),
    partitions.runs(id),
    partitions.public(id),
    ...upstreams.map(partitions.upstream),
    ...(stored === 'items' ? [partitions.keys(id)] : []),
  ]
  return [
    tablePermission(table, ['GetItem'], [...own, partitions.control(id)]),
    tablePermission(table, ['PutItem', 'UpdateItem'], own),
    tablePermission(table, stored === 'items' ? ['BatchGetItem'] : ['BatchWriteItem', 'Query'], [items]),
    ...(run.mode === 'task' ? [tablePermission(table, ['GetItem', 'PutItem'], [partitions.tasks(id)])] : []),
    ...(inputs.length === 0
      ? []
      : [tablePermission(table, ['GetItem', 'Query'], inputs.map(partitions.items))]),
    ...(Object.keys(history).length === 0
      ? []
      : [tablePermission(table, ['BatchWriteItem'], [partitions.history(id)])]),
  ]
}

/**
 * What submitting may do: record tasks, end those that could not be started, and know which work is under way; of jobs
 * with inputs, know whether a refreshed one moves them, and count where it does not.
 */
export function submitPermissions(table: TableV2, jobs: readonly Job[]): PolicyStatement[] {
  const runs = jobs.map(({ id }) => partitions.runs(id))
  const submissions = jobs.map(({ id }) => partitions.submissions(id))
  const moved = jobs.filter(({ inputs }) => inputs.length > 0).map(({ id }) => id)
  return [
    tablePermission(table, ['GetItem', 'PutItem'], [...runs, ...submissions]),
    tablePermission(table, ['UpdateItem'], runs),
    tablePermission(table, ['PutItem'], [partitions.audits()]),
    ...(moved.length === 0
      ? []
      : [
          tablePermission(
            table,
            ['GetItem'],
            [...moved.map(partitions.public), ...moved.map(partitions.control)],
          ),
          tablePermission(table, ['UpdateItem'], moved.map(partitions.public)),
        ]),
  ]
}

/** What public reads may do: look at data, at their past, at how tasks ended, and at the state that anybody may see. */
export function readPermissions(table: TableV2, jobs: readonly Job[]): PolicyStatement[] {
  const seen = jobs.flatMap(({ id }) => [partitions.items(id), partitions.public(id)])
  const past = jobs.flatMap(({ id, history }) =>
    Object.keys(history).length > 0 ? [partitions.history(id)] : [],
  )
  const many = jobs.filter(({ stored }) => stored === 'items').map(({ id }) => partitions.items(id))
  const tasks = jobs
    .filter(({ run }) => run.mode === 'task')
    .flatMap(({ id }) => [partitions.runs(id), partitions.tasks(id)])
  return [
    tablePermission(table, ['GetItem', 'Query'], seen),
    ...(many.length > 0 ? [tablePermission(table, ['BatchGetItem'], many)] : []),
    ...(past.length > 0 ? [tablePermission(table, ['Query'], past)] : []),
    ...(tasks.length > 0 ? [tablePermission(table, ['GetItem'], tasks)] : []),
  ]
}

/** What the watchdog may do: account for runs, note what it saw, read what operators decided and how upstreams are. */
export function watchdogPermissions(table: TableV2, jobs: readonly Job[]): PolicyStatement[] {
  const runs = jobs.map(({ id }) => partitions.runs(id))
  const states = jobs.map(({ id }) => partitions.public(id))
  const controls = jobs.map(({ id }) => partitions.control(id))
  const upstreams = new Set(jobs.flatMap((job) => job.upstreams.map(partitions.upstream)))
  return [
    tablePermission(table, ['GetItem'], [...runs, ...states, ...controls, ...upstreams]),
    tablePermission(table, ['PutItem', 'Query'], runs),
    tablePermission(table, ['UpdateItem'], [...runs, ...states]),
  ]
}

/**
 * What operators may do: look at everything, decide for a job, begin anew with a provider, mark data as stale, purge
 * them, and leave an audit entry of each change. They publish nothing: a run is asked for on the bus. Public state they
 * change to tell readers, who see no control, of a pause and of a purge.
 */
export function operationsPermissions(
  table: TableV2,
  { jobs, upstreams }: Pick<System, 'jobs' | 'upstreams'>,
): PolicyStatement[] {
  const ofJobs = (family: (job: string) => string) => jobs.map(({ id }) => family(id))
  const items = ofJobs(partitions.items)
  const asides = ofJobs(partitions.rejected)
  const keys = ofJobs(partitions.keys)
  const controls = ofJobs(partitions.control)
  const listed = [...items, ...ofJobs(partitions.runs), ...asides, partitions.audits()]
  const providers = [...upstreams.keys()].map(partitions.upstream)
  const reach = [
    { actions: ['GetItem'], keys: [...ofJobs(partitions.public), ...controls, ...keys, ...providers] },
    { actions: ['GetItem', 'Query'], keys: listed },
    {
      actions: ['BatchGetItem'],
      keys: jobs.filter(({ stored }) => stored === 'items').map(({ id }) => partitions.items(id)),
    },
    { actions: ['PutItem'], keys: [...controls, ...providers, partitions.audits()] },
    { actions: ['UpdateItem'], keys: [...items, ...keys, ...ofJobs(partitions.public)] },
    { actions: ['DeleteItem'], keys: [...items, ...asides] },
  ]
  // without a job some would hold nothing, and a condition without a value is none
  return reach
    .filter(({ keys: held }) => held.length > 0)
    .map((one) => tablePermission(table, one.actions, one.keys))
}

/** Saying something on the bus. */
export function publishPermission(bus: EventBus): PolicyStatement {
  return new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus.eventBusArn] })
}

/** Actions on records, held to partitions. The condition sees partition keys only, so these say what they hold. */
function tablePermission(
  table: TableV2,
  actions: readonly string[],
  leadingKeys: readonly string[],
): PolicyStatement {
  return new PolicyStatement({
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [table.tableArn],
    conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': leadingKeys } },
  })
}
