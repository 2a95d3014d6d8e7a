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

/** Partition keys of a job, an upstream or the operators, as patterns for a leading-key condition. */
const partitions = {
  items: (job: string): string => `${itemKey(job, '').pk}*`,
  /** Of all kinds and entities. */
  history: (job: string): string => `${historyKey(job, '', '', 0).pk.replace(/#+$/, '')}#*`,
  rejected: (job: string): string => rejectedKey(job, '').pk,
  runs: (job: string): string => runsOf(job),
  keys: (job: string): string => publishedKeysKey(job).pk,
  /** Of all tasks of the job. */
  tasks: (job: string): string => taskKey(job, '*', '').pk,
  submissions: (job: string): string => submissionClaimKey(job, '').pk,
  control: (job: string): string => controlKey(job).pk,
  public: (job: string): string => stateKey(job).pk,
  upstream: (name: string): string => upstreamKey(name).pk,
  audits: (): string => auditsOf('*'),
}

/** Permissions of a job: read and write its own records, read its control record and the items of its inputs. */
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
 * Permissions of the submit function: record tasks and audit entries, close tasks that could not be started, find the
 * running one; for jobs with inputs, read state and control, and count skipped triggers.
 */
export function submitPermissions(table: TableV2, jobs: readonly Job[]): PolicyStatement[] {
  const runs = jobs.map(({ id }) => partitions.runs(id))
  const submissions = jobs.map(({ id }) => partitions.submissions(id))
  const derived = jobs.filter(({ inputs }) => inputs.length > 0).map(({ id }) => id)
  return [
    tablePermission(table, ['GetItem', 'PutItem'], [...runs, ...submissions]),
    tablePermission(table, ['UpdateItem'], runs),
    tablePermission(table, ['PutItem'], [partitions.audits()]),
    ...(derived.length === 0
      ? []
      : [
          tablePermission(
            table,
            ['GetItem'],
            [...derived.map(partitions.public), ...derived.map(partitions.control)],
          ),
          tablePermission(table, ['UpdateItem'], derived.map(partitions.public)),
        ]),
  ]
}

/** Permissions of the reads function: read items, history, tasks and public states. */
export function readPermissions(table: TableV2, jobs: readonly Job[]): PolicyStatement[] {
  const readable = jobs.flatMap(({ id }) => [partitions.items(id), partitions.public(id)])
  const histories = jobs.flatMap(({ id, history }) =>
    Object.keys(history).length > 0 ? [partitions.history(id)] : [],
  )
  const batches = jobs.filter(({ stored }) => stored === 'items').map(({ id }) => partitions.items(id))
  const tasks = jobs
    .filter(({ run }) => run.mode === 'task')
    .flatMap(({ id }) => [partitions.runs(id), partitions.tasks(id)])
  return [
    tablePermission(table, ['GetItem', 'Query'], readable),
    ...(batches.length > 0 ? [tablePermission(table, ['BatchGetItem'], batches)] : []),
    ...(histories.length > 0 ? [tablePermission(table, ['Query'], histories)] : []),
    ...(tasks.length > 0 ? [tablePermission(table, ['GetItem'], tasks)] : []),
  ]
}

/** Permissions of the watchdog: read and write runs and public states, read controls and upstreams. */
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
 * Permissions of the operations function: read everything, change controls, reset upstreams, invalidate and purge data,
 * and write an audit entry for each change. It publishes no data: a run is requested on the bus. It updates public
 * states, because readers cannot read controls.
 */
export function operationsPermissions(
  table: TableV2,
  { jobs, upstreams }: Pick<System, 'jobs' | 'upstreams'>,
): PolicyStatement[] {
  const ofJobs = (family: (job: string) => string) => jobs.map(({ id }) => family(id))
  const items = ofJobs(partitions.items)
  const rejected = ofJobs(partitions.rejected)
  const keys = ofJobs(partitions.keys)
  const controls = ofJobs(partitions.control)
  const lists = [...items, ...ofJobs(partitions.runs), ...rejected, partitions.audits()]
  const providers = [...upstreams.keys()].map(partitions.upstream)
  const rules = [
    { actions: ['GetItem'], keys: [...ofJobs(partitions.public), ...controls, ...keys, ...providers] },
    { actions: ['GetItem', 'Query'], keys: lists },
    {
      actions: ['BatchGetItem'],
      keys: jobs.filter(({ stored }) => stored === 'items').map(({ id }) => partitions.items(id)),
    },
    { actions: ['PutItem'], keys: [...controls, ...providers, partitions.audits()] },
    { actions: ['UpdateItem'], keys: [...items, ...keys, ...ofJobs(partitions.public)] },
    { actions: ['DeleteItem'], keys: [...items, ...rejected] },
  ]
  // without a job some have no keys, and a condition without values would allow all of them
  return rules
    .filter((rule) => rule.keys.length > 0)
    .map((rule) => tablePermission(table, rule.actions, rule.keys))
}

/** Permission to send events to the bus. */
export function publishPermission(bus: EventBus): PolicyStatement {
  return new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus.eventBusArn] })
}

/** Actions limited to partitions. The condition compares partition keys only, so the keys name family and job. */
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
