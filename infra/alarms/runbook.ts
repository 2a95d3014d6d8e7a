import { jobRunbook, type RunbookEntry } from './job-runbook.ts'

/** Alarms about the parts that all jobs share: deliveries, functions, the API, the watchdog. */
const systemRunbook = {
  undelivered: {
    meaning:
      'The scheduler or the bus has dropped an event that it could not deliver: the function may not be invoked, is throttled, or does not exist. The event stays in the queue for fourteen days; the alarm lasts until the queue is empty.',
    diagnosis: ['`freshet dlq list`: what each event was about, and why it was dropped.'],
    actions: [
      'Correct the permission or the limit, usually by deploying again.',
      '`freshet dlq redrive --queue undelivered` requests the same again and empties the queue; a tick that a newer one has replaced is skipped. What is left is of no job: delete it (`aws sqs purge-queue`, with `UndeliveredQueueUrl` of the stack).',
    ],
  },
  'failed-runs': {
    meaning:
      'An invocation failed without recording an outcome: the function cannot start, the event is invalid, or the table could not be written. The event stays in the queue for fourteen days; the alarm lasts until the queue is empty.',
    diagnosis: [
      '`freshet dlq list`: what each event was about, and the error of its invocation.',
      'The log of the job’s function, at that time.',
    ],
    actions: [
      'Errors at import after a deployment: deploy the previous version.',
      '`ProvisionedThroughputExceeded`, timeouts of the table: it recovers by itself; check AWS Health.',
      'Once it is corrected: `freshet dlq redrive --queue failed-runs` sends the events again and empties the queue. Stale ticks are dropped, ended runs are not repeated. What is left is of no job: delete it (`aws sqs purge-queue`, with `FailedRunsQueueUrl` of the stack).',
    ],
  },
  'undelivered-expiring': {
    meaning:
      'An event has been in the queue of undelivered events for eleven days. SQS deletes it after fourteen, and with it the record of what was not delivered.',
    diagnosis: ['As under [undelivered](#undelivered), whose alarm has fired since the event came.'],
    actions: [
      'Correct the cause and empty the queue as under [undelivered](#undelivered). `freshet --json dlq list` prints what is worth keeping.',
    ],
  },
  'failed-runs-expiring': {
    meaning:
      'An event has been in the queue of failed invocations for eleven days. SQS deletes it after fourteen, and with it the error and the event of the invocation.',
    diagnosis: ['As under [failed-runs](#failed-runs), whose alarm has fired since the event came.'],
    actions: [
      'Correct the cause and empty the queue as under [failed-runs](#failed-runs). `freshet --json dlq list` prints what is worth keeping.',
    ],
  },
  'api-errors': {
    meaning:
      'At least five requests within five minutes got a 5xx status. 503: there is nothing to serve. 500: a defect.',
    diagnosis: [
      'The access log (query "Answers by status"): which paths? `fault` has the message of an invocation that failed, and `invoke` its status; without these fields the status is the function’s own.',
      'The ERROR lines of the read function: the table, a request of a cold refresh, or a failed read.',
    ],
    actions: [
      '503 on one dataset: it has no value that may still be served; `freshet explain <job>` names the cause and the next run. A new job has none before its first run: [trigger one](#operate).',
      '503 everywhere: the table cannot be reached; check AWS Health.',
      '500: deploy the previous version.',
    ],
  },
  throttled: {
    meaning:
      'At least fifty requests within five minutes were rejected with 429: by the gateway, above the throttle of the stage or of a submission, or by a function, above a limit of its own (cold reads of many keys, live reads of one key). The readers concerned got no data.',
    diagnosis: [
      'The access log (query "Answers by status"), status 429: which paths? By `ip`, `arn` or `sub`: one client, or many?',
      '`error` of these lines: `Too Many Requests` comes from the gateway; without it the status is the function’s own.',
      'The readers’ dashboard, "Requests" against `reads.throttle` of the stage file. A flood may have more rejected requests than lines.',
    ],
    actions: [
      'One client: ask it to slow down and to use `Cache-Control` and `ETag`. The gateway has no limit per client; put a web application firewall in front if it continues.',
      'More readers than expected: raise `reads.throttle` of the stage file; `npm run plan` prints what it allows the month to cost.',
      'A submission path: raise `submissions.throttle` only if the tasks are wanted; each costs money and calls to the provider.',
      'The function: many keys without stored data; as under [hit-ratio](#hit-ratio).',
    ],
  },
  'api-slow': {
    meaning:
      'For a quarter of an hour one response in a hundred took three seconds or more. A warm read takes milliseconds; a cold one waits up to eight seconds for the first value of a key.',
    diagnosis: [
      'The readers’ dashboard, "Latency" and "Hit ratio": few hits mean cold keys.',
      'The access log by path (query "Answers by status"), `ms`.',
    ],
    actions: [
      "Cold keys that no plan contains: add them to the job, or declare `cold: 'refuse'`.",
      'A slow table: check AWS Health; reads continue from memory.',
      'Throttled invocations: raise or remove `reservedConcurrency` in the stage file.',
    ],
  },
  'hit-ratio': {
    meaning:
      'Of at least a hundred reads in an hour fewer than 95 % got a stored value, fresh or stale. The others waited for a refresh or got an error.',
    diagnosis: [
      'The log line of the read function (query "Reads"): `waited` and `cold` are keys without a value, `errors` is the table.',
      'The access log: which paths, which clients?',
    ],
    actions: [
      'One client that tries many keys: each costs one refresh at most; add a rate limit in front of the API if it continues.',
      'Keys in demand: add them to the job’s plan, so that they are stored.',
      '`errors`: see [api-errors](#api-errors).',
    ],
  },
  'memory-fallback': {
    meaning:
      'For five minutes in a row readers got copies from the memory of the read function, because the table did not respond. Their labels show their age (`Cache-Status: …; detail=table-unavailable`); a request without a copy in memory gets 503.',
    diagnosis: [
      'The WARN lines of the read function: `error` has the error of the table, `copies` the number of responses from memory since the previous line.',
      'Throttles and system errors of the table in CloudWatch; AWS Health.',
      'The access log (query "Answers by status"): how many get 503?',
    ],
    actions: [
      'Throttling: identify the partition with the most reads, and wait; the table is on demand and doubles within minutes.',
      'Access denied: the role of the read function or the key of the table was changed; deploy again.',
      'The table cannot be reached: it recovers by itself; a new process has no copies, so do not deploy now.',
    ],
  },
  'watchdog-errors': {
    meaning:
      'The watchdog could not check every job. Its figures of the other jobs are complete; those of the failed one are missing, and its `overdue` fires soon.',
    diagnosis: ['The log of the watchdog: the error names what could not be read or written.'],
    actions: [
      'The table or the bus cannot be reached: it recovers by itself, and then accounts for the ticks of up to a day.',
      'A defect: deploy the previous version.',
    ],
  },
} as const satisfies Readonly<Record<string, RunbookEntry>>

/** The runbook entry of each kind of alarm. The page `docs/operate.md` is generated from it. */
export const runbook = { ...jobRunbook, ...systemRunbook }

/** The last part of an alarm's name, and the heading of its entry in the runbook. */
export type AlarmKind = keyof typeof runbook
