import {
  auditsOf,
  controlKey,
  historyEntityKey,
  historyKey,
  itemKey,
  operatorKey,
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
import type { Upstream } from '#shared/declare/upstream.ts'
import { activeJobs } from './cadence.ts'

/** A resource that a permission is limited to, before a stage gives it an ARN. */
export type PermissionTarget =
  | { readonly kind: 'table' }
  | { readonly kind: 'bus' }
  /** The state machines of these jobs. */
  | { readonly kind: 'machines'; readonly jobs: readonly string[] }
  /** The metrics of CloudWatch: no statement can be limited to some of them. */
  | { readonly kind: 'metrics' }
  /** Both failure queues. */
  | { readonly kind: 'queues' }
  /** A parameter of Parameter Store, without the leading slash. */
  | { readonly kind: 'parameter'; readonly name: string }
  /** A secret of Secrets Manager; `?` stands for one character. */
  | { readonly kind: 'secret'; readonly name: string }

/** One statement of a role: the policy of the template and the check on one machine are made from it. */
export interface Permission {
  /** `dynamodb:GetItem` */
  readonly actions: readonly string[]
  readonly target: PermissionTarget
  /** Patterns of the partition keys that the actions are limited to; `*` stands for any characters. */
  readonly leadingKeys?: readonly string[]
}

/** Partition keys of a job, an upstream or the operators, as patterns for a leading-key condition. */
const partitions = {
  items: (job: string): string => `${itemKey(job, '').pk}*`,
  /** Of all kinds and entities. */
  history: (job: string): string => `${historyKey(job, '', '', 0).pk.replace(/#+$/, '')}#*`,
  /** The list of entities with history. */
  entities: (job: string): string => historyEntityKey(job, '', '').pk,
  rejected: (job: string): string => rejectedKey(job, '').pk,
  runs: (job: string): string => runsOf(job),
  keys: (job: string): string => publishedKeysKey(job).pk,
  /** Of all tasks of the job. */
  tasks: (job: string): string => taskKey(job, '*', '').pk,
  submissions: (job: string): string => submissionClaimKey(job, '').pk,
  control: (job: string): string => controlKey(job).pk,
  public: (job: string): string => stateKey(job).pk,
  upstream: (name: string): string => upstreamKey(name).pk,
  operatorData: (name: string): string => operatorKey(name).pk,
  audits: (): string => auditsOf('*'),
}

/** The permissions of every function of a system, by its name: `reads`, `operations`, `watchdog`, `submit`, `job-<id>`. */
export function functionPermissions({
  jobs,
  upstreams,
}: Pick<System, 'jobs' | 'upstreams'>): ReadonlyMap<string, readonly Permission[]> {
  const active = activeJobs(jobs)
  const tasks = active.filter(isTask)
  return new Map([
    ['reads', readPermissions(jobs)],
    ['operations', operationsPermissions({ jobs, upstreams })],
    ['watchdog', watchdogPermissions(jobs)],
    ...(tasks.length > 0 ? [['submit', submitPermissions(tasks)] as const] : []),
    ...active.map((job) => {
      const own = job.upstreams.flatMap((name) => upstreams.get(name) ?? [])
      return [`job-${job.id}`, jobPermissions(job, own, jobs)] as const
    }),
  ])
}

/**
 * Of a job: write and read its own records, read its control record, the items of its inputs, the data of
 * operators that it declares, and its API key; where it declares `retains`, also clear the histories of all jobs.
 *
 * @param jobs - all jobs, also those that are off
 */
export function jobPermissions(
  job: Job,
  ownUpstreams: readonly Upstream[],
  jobs: readonly Job[],
): readonly Permission[] {
  const { id, upstreams, stored, inputs, itemInputs, operatorData, run } = job
  const items = partitions.items(id)
  const updated = [items, partitions.runs(id), partitions.public(id)]
  const written = [...updated, partitions.rejected(id), ...upstreams.map(partitions.upstream)]
  const keys = stored === 'items' ? [partitions.keys(id)] : []
  const snapshots = inputs.filter((input) => !itemInputs.includes(input))
  return [
    tablePermission(['GetItem'], [...written, ...keys, partitions.control(id)]),
    tablePermission(['PutItem'], written),
    tablePermission(['UpdateItem'], [...updated, ...keys]),
    tablePermission(stored === 'items' ? ['BatchGetItem'] : ['BatchWriteItem', 'Query'], [items]),
    ...(run.mode === 'task' ? [tablePermission(['GetItem', 'PutItem'], [partitions.tasks(id)])] : []),
    ...withKeys([
      tablePermission(['GetItem', 'Query'], snapshots.map(partitions.items)),
      tablePermission(['BatchGetItem'], itemInputs.map(partitions.items)),
      tablePermission(['GetItem'], operatorData.map(partitions.operatorData)),
    ]),
    ...(hasHistory(job)
      ? [
          tablePermission(['BatchWriteItem'], [partitions.history(id), partitions.entities(id)]),
          tablePermission(['Query'], [partitions.entities(id)]),
        ]
      : []),
    ...(job.retains === undefined ? [] : retentionPermissions(jobs)),
    PUBLISH,
    ...ownUpstreams.flatMap(secretPermissions),
  ]
}

/** Of a job that declares `retains`: query and delete the rows of all histories, list their entities and the keys of items. */
function retentionPermissions(jobs: readonly Job[]): readonly Permission[] {
  const withHistory = jobs.filter(hasHistory).map(({ id }) => id)
  const histories = withHistory.map(partitions.history)
  const listed = jobs.filter(({ stored }) => stored === 'items').map(({ id }) => partitions.keys(id))
  return withKeys([
    tablePermission(['Query'], [...histories, ...withHistory.map(partitions.entities)]),
    tablePermission(['BatchWriteItem'], histories),
    tablePermission(['GetItem'], listed),
  ])
}

/**
 * Of the submit function: record tasks and audit entries, close tasks that could not be started, find the running one,
 * start state machines; for jobs with inputs, read state and control, and count skipped triggers.
 *
 * @param jobs - those whose runs are tasks, at least one
 */
export function submitPermissions(jobs: readonly Job[]): readonly Permission[] {
  const runs = jobs.map(({ id }) => partitions.runs(id))
  const submissions = jobs.map(({ id }) => partitions.submissions(id))
  const derived = jobs.filter(({ inputs }) => inputs.length > 0).map(({ id }) => id)
  return [
    tablePermission(['GetItem', 'PutItem'], [...runs, ...submissions]),
    tablePermission(['UpdateItem'], runs),
    tablePermission(['PutItem'], [partitions.audits()]),
    ...(derived.length === 0
      ? []
      : [
          tablePermission(
            ['GetItem'],
            [...derived.map(partitions.public), ...derived.map(partitions.control)],
          ),
          tablePermission(['UpdateItem'], derived.map(partitions.public)),
        ]),
    { actions: ['states:StartExecution'], target: { kind: 'machines', jobs: jobs.map(({ id }) => id) } },
  ]
}

/** Of the reads function: read items and their keys, history, tasks and public states, request refreshes. */
export function readPermissions(jobs: readonly Job[]): readonly Permission[] {
  const readable = jobs.flatMap(({ id }) => [partitions.items(id), partitions.public(id)])
  const histories = jobs.filter(hasHistory).map(({ id }) => partitions.history(id))
  const tasks = jobs.filter(isTask).flatMap(({ id }) => [partitions.runs(id), partitions.tasks(id)])
  const listed = jobs.filter(({ stored }) => stored === 'items').map(({ id }) => partitions.keys(id))
  return withKeys([
    tablePermission(['GetItem'], [...readable, ...listed]),
    tablePermission(['Query'], [...itemsOfSnapshots(jobs), ...histories]),
    tablePermission(['BatchGetItem'], itemsOfBatches(jobs)),
    tablePermission(['GetItem'], tasks),
    PUBLISH,
  ])
}

/** Of the watchdog: read and write runs and public states, read controls and upstreams, publish events. */
export function watchdogPermissions(jobs: readonly Job[]): readonly Permission[] {
  const runs = jobs.map(({ id }) => partitions.runs(id))
  const states = jobs.map(({ id }) => partitions.public(id))
  const controls = jobs.map(({ id }) => partitions.control(id))
  const upstreams = new Set(jobs.flatMap((job) => job.upstreams.map(partitions.upstream)))
  return withKeys([
    tablePermission(['GetItem'], [...runs, ...states, ...controls, ...upstreams]),
    tablePermission(['PutItem', 'Query'], runs),
    tablePermission(['UpdateItem'], [...runs, ...states]),
    PUBLISH,
  ])
}

/**
 * Of the operations function: read everything, change controls and the data of operators, reset upstreams, cancel tasks, invalidate and purge data,
 * write an audit entry for each change, read and empty the failure queues, and read metrics where an operation shows them. It publishes no data: a run is requested on the bus. It updates public
 * states, because readers cannot read controls.
 */
export function operationsPermissions({
  jobs,
  upstreams,
}: Pick<System, 'jobs' | 'upstreams'>): readonly Permission[] {
  const ofJobs = (family: (job: string) => string) => jobs.map(({ id }) => family(id))
  const items = ofJobs(partitions.items)
  const tasks = jobs.filter(isTask).map(({ id }) => partitions.runs(id))
  const rejected = ofJobs(partitions.rejected)
  const providers = [...upstreams.keys()].map(partitions.upstream)
  const operatorData = [...new Set(jobs.flatMap((job) => job.operatorData))].map(partitions.operatorData)
  const withHistory = jobs.filter(hasHistory).map(({ id }) => id)
  const histories = withHistory.map(partitions.history)
  // a family of keys stands in as few statements as possible: the size of a role's policy is limited
  return withKeys([
    tablePermission(['GetItem', 'PutItem'], [...operatorData, ...ofJobs(partitions.control), ...providers]),
    tablePermission(['GetItem', 'UpdateItem'], [...ofJobs(partitions.public), ...ofJobs(partitions.keys)]),
    tablePermission(['GetItem', 'Query', 'UpdateItem'], items),
    tablePermission(['GetItem', 'Query'], ofJobs(partitions.runs)),
    tablePermission(['UpdateItem'], tasks),
    tablePermission(['PutItem', 'Query'], [partitions.audits()]),
    tablePermission(['Query'], [...histories, ...withHistory.map(partitions.entities)]),
    tablePermission(['BatchWriteItem'], histories),
    // one request reads records of several families, which one statement has to allow together: by patterns for all jobs
    tablePermission(
      ['BatchGetItem'],
      [
        ...[partitions.items, partitions.runs, partitions.public, partitions.control].map((family) =>
          family('*'),
        ),
        partitions.upstream('*'),
      ],
    ),
    tablePermission(['DeleteItem', 'Query'], rejected),
    tablePermission(['DeleteItem'], itemsOfSnapshots(jobs)),
    PUBLISH,
    REDRIVE,
    ...(readsMetrics(jobs) ? [READ_METRICS] : []),
  ])
}

/** Whether an operation on one of the jobs shows metrics. */
export function readsMetrics(jobs: readonly Job[]): boolean {
  return jobs.some(({ aliases }) => aliases.some(({ operation }) => operation === 'show-cache-stats'))
}

const READ_METRICS: Permission = { actions: ['cloudwatch:GetMetricData'], target: { kind: 'metrics' } }

/** The messages of the failure queues are read, and deleted once their events are on the bus again. */
const REDRIVE: Permission = {
  actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
  target: { kind: 'queues' },
}

const PUBLISH: Permission = { actions: ['events:PutEvents'], target: { kind: 'bus' } }

/** Prefix of parameters that refer to a secret of Secrets Manager. */
export const SECRETS_MANAGER = '/aws/reference/secretsmanager/'

/**
 * The upstream's API key, if it declares one. The key must be encrypted with the AWS managed KMS key of its service, whose
 * policy allows every reader to decrypt it; a customer key needs a grant of its own.
 */
function secretPermissions({ secret }: Upstream): readonly Permission[] {
  if (!secret) return []
  const { parameter } = secret
  const read: Permission = {
    actions: ['ssm:GetParameter'],
    target: { kind: 'parameter', name: parameter.replace(/^\//, '') },
  }
  if (!parameter.startsWith(SECRETS_MANAGER)) return [read]
  // Secrets Manager appends six random characters to the name of a secret
  const name = `${parameter.slice(SECRETS_MANAGER.length)}-??????`
  return [read, { actions: ['secretsmanager:GetSecretValue'], target: { kind: 'secret', name } }]
}

function isTask({ run }: Job): boolean {
  return run.mode === 'task'
}

function hasHistory({ history }: Job): boolean {
  return Object.keys(history).length > 0
}

function itemsOfBatches(jobs: readonly Job[]): readonly string[] {
  return jobs.filter(({ stored }) => stored === 'items').map(({ id }) => partitions.items(id))
}

function itemsOfSnapshots(jobs: readonly Job[]): readonly string[] {
  return jobs.filter(({ stored }) => stored === 'snapshot').map(({ id }) => partitions.items(id))
}

/** Actions limited to partitions. The condition compares partition keys only, so the keys name family and job. */
function tablePermission(actions: readonly string[], leadingKeys: readonly string[]): Permission {
  return { actions: actions.map((action) => `dynamodb:${action}`), target: { kind: 'table' }, leadingKeys }
}

/** Without a job some permissions have no keys, and a condition without values would allow all of them. */
function withKeys(permissions: readonly Permission[]): readonly Permission[] {
  return permissions.filter(({ leadingKeys }) => leadingKeys === undefined || leadingKeys.length > 0)
}
