import { jobRunbook, type RunbookEntry } from './job-runbook.ts'

/** What is wrong with the machinery that all jobs share: deliveries, functions, the API, the watchdog. */
export const systemRunbook = {
  undelivered: {
    meaning:
      'The scheduler or the bus has given up an event that it could not deliver: the function may not be invoked, is throttled, or is gone. The event lies in the queue for fourteen days; the alarm lasts until it is empty.',
    diagnosis: [
      'The queue `Undelivered…` (`aws sqs receive-message --message-attribute-names All`): the letter’s attributes have the error code and the target.',
    ],
    actions: [
      'Mend the permission or the limit, most often by deploying again.',
      'Ticks need not be sent again: a newer one has made them superfluous. Empty the queue (`aws sqs purge-queue`).',
    ],
  },
  'failed-runs': {
    meaning:
      'An invocation has failed without recording an outcome: the function cannot start, the event is none, or the table could not be written. The event lies in the queue for fourteen days; the alarm lasts until it is empty.',
    diagnosis: [
      'The queue `FailedRuns…`: the letter has the event (`requestPayload`) and the error (`responsePayload`).',
      'The log of the function named in it.',
    ],
    actions: [
      'Errors at import after a deployment: deploy the version before.',
      '`ProvisionedThroughputExceeded`, timeouts of the table: it recovers by itself; look at AWS Health.',
      'Sent again (`aws lambda invoke --qualifier live --payload …`) a letter does no harm: stale ticks are dropped, ended runs are not repeated. Then empty the queue.',
    ],
  },
  'api-errors': {
    meaning:
      'Five requests or more in five minutes were answered with 5xx. 503 means that there was nothing to serve; 500 is a defect.',
    diagnosis: [
      'The access log (query "Answers by status"): which paths?',
      'The read function’s ERROR lines: `The table cannot be read`, `A cold refresh could not be asked for`, `A read failed`.',
    ],
    actions: [
      '503 on one dataset: it has no value that may still be served; see its `overdue`. A new job has none before its first run: [run it now](#run-a-job-now).',
      '503 everywhere: the table cannot be reached; look at AWS Health.',
      '500: deploy the version before.',
    ],
  },
  'api-slow': {
    meaning:
      'For a quarter of an hour one answer in a hundred has taken three seconds or more. A warm read takes milliseconds; a cold one waits up to eight seconds for the first value of a key.',
    diagnosis: [
      'The readers’ dashboard, "Latency" beside "Hit ratio": few hits mean cold keys.',
      'The access log by path (query "Answers by status"), `ms`.',
    ],
    actions: [
      "Cold keys that nobody plans for: add them to the job, or declare `cold: 'refuse'`.",
      'A table that answers slowly: AWS Health; reads go on from memory.',
      'Throttled invocations: raise or remove `reservedConcurrency` in the stage file.',
    ],
  },
  'hit-ratio': {
    meaning:
      'Of a hundred reads or more in an hour fewer than 95 % were answered from what was stored, fresh or stale. The others waited for a refresh or got an error.',
    diagnosis: [
      'The line of the read function (query "Reads"): `waited` and `cold` are keys without a value, `errors` is the table.',
      'The access log: which paths, which clients?',
    ],
    actions: [
      'One client that tries keys: each costs a refresh at most once; put a limit in front if it goes on.',
      'Keys that people want: add them to the job’s plan, so that they are there.',
      '`errors`: see [api-errors](#api-errors).',
    ],
  },
  'memory-fallback': {
    meaning:
      'For five minutes in a row readers have been given copies from the memory of the read function, because the table did not answer. They are as old as their labels say (`Cache-Status: …; detail=table-unavailable`); who asks for what no process has a copy of gets 503.',
    diagnosis: [
      'The read function’s WARN lines `Table unavailable, serving from memory`: `error` has what the table said, `copies` how many were given since the line before.',
      'The table’s throttles and system errors in CloudWatch; AWS Health.',
      'The access log (query "Answers by status"): how many get 503?',
    ],
    actions: [
      'Throttling: look for the partition that is read most, and wait; the table is on demand and doubles within minutes.',
      'Denied: the role of the read function, or the key of the table, was changed; deploy again.',
      'The table cannot be reached: it recovers by itself; a new process has no copies, so do not deploy now.',
    ],
  },
  'watchdog-errors': {
    meaning:
      'The watchdog could not look after every job. Its figures for the others are complete; of the one that failed they are missing, and its `overdue` rings soon.',
    diagnosis: ['The watchdog’s log: the error names what could not be read or written.'],
    actions: [
      'The table or the bus is not reachable: it recovers by itself, and accounts for the ticks of up to a day.',
      'A defect: deploy the version before.',
    ],
  },
} as const satisfies Readonly<Record<string, RunbookEntry>>

/**
 * The runbook: an entry for each kind of alarm, under the end of its name. The page `docs/operate.md` is generated
 * from it.
 */
export const runbook = { ...jobRunbook, ...systemRunbook }

/** The end of an alarm's name, and the heading of its entry in the runbook. */
export type AlarmKind = keyof typeof runbook
