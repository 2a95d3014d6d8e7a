/** The runbook entry of a kind of alarm. */
export interface RunbookEntry {
  /** What it means for the data and for readers. */
  readonly meaning: string
  /** What to check, in order. */
  readonly diagnosis: readonly string[]
  /** What to do, by the result of the diagnosis. */
  readonly actions: readonly string[]
}

const RUN_NOW =
  'Trigger a run (`freshet trigger <job> --wait`): it ignores a pause; it still honours the provider’s `Retry-After`.'
const EXPLAIN =
  '`freshet explain <job>`: why the data are as old as they are, and what happens next and when.'
const WATCHDOG_LINE =
  'The log lines of the watchdog (query "Conditions") name the job, its upstream and the figure.'
const WAIT_FOR_PROVIDER =
  'There is nothing to do while it is down: the system probes it again by itself, and the alarm ends with the first success.'

/** Alarms about the data or the runs of jobs, or about their providers. */
export const jobRunbook = {
  overdue: {
    meaning:
      'The data of the job have been older than its declaration promises for longer than its threshold. Readers get the last good value marked `STALE`, and 503 once it is older than `serveStaleFor`. When the watchdog itself is silent, the alarm changes to `INSUFFICIENT_DATA` and notifies, for all jobs at once. An alarm of P1 or P2 is about several jobs: the watchdog names them.',
    diagnosis: [
      'Which job? `conditions` of `freshet get /health`, or the query "Conditions".',
      EXPLAIN,
      'The log line of the run (query "Runs of a job"): `detail` has expected and got.',
      'Several jobs at once: do they have the same upstream (`upstream-cooling`, `key-refused`)? All jobs: does the watchdog run (`watchdog-errors`)?',
    ],
    actions: [
      `\`skipped (upstream-cooling)\` or \`failed (upstream-fault, timeout, network)\`: the provider is down. ${WAIT_FOR_PROVIDER}`,
      '`failed (malformed, rejected)`: the provider has changed its responses. `freshet rejected <job>` lists the rejected bodies, which are stored for a week; correct the job’s `refresh.ts`.',
      'No runs at all: see `missed-ticks`, `undelivered` and `failed-runs`.',
      RUN_NOW,
    ],
  },
  failing: {
    meaning:
      'As many runs of the job in a row have failed as its declaration allows (`failuresBeforeAlarm`, five by default). The last good value is still served.',
    diagnosis: [
      EXPLAIN,
      '`freshet runs <job> --outcome failed`: the reasons. Is it the same for all jobs of the upstream?',
      'The log lines of the runs (query "Runs of a job").',
    ],
    actions: [
      'As under [overdue](#overdue), by the reason. `store`: check whether the table is throttled. `secret`: the parameter that the stage file names must exist and be readable. `defect`: it is our own code; the message has the error.',
      RUN_NOW,
    ],
  },
  'missed-ticks': {
    meaning:
      'A tick of a job left no trace: nothing was delivered before the next one was due. The alarm ends when a later tick has a record, after an hour at the earliest.',
    diagnosis: [
      WATCHDOG_LINE,
      EXPLAIN,
      'EventBridge Scheduler: does the job’s schedule exist, is it enabled, may its role invoke the alias `live`?',
      '`freshet dlq list`: the undelivered events, with their errors.',
    ],
    actions: [
      'A schedule that was changed or disabled manually: deploy again. To stop a job, pause it or switch it off by its setting; never edit its schedule.',
      'A function that cannot start (`failed-runs`): correct it.',
      RUN_NOW,
    ],
  },
  'abandoned-runs': {
    meaning:
      'A run of a job ended without an outcome: its process was killed, ran out of memory or ran out of time. Data that it had published remain. The alarm ends when a run has succeeded, after an hour at the earliest.',
    diagnosis: [
      WATCHDOG_LINE,
      EXPLAIN,
      'The log of the function around `run_id`: `Task timed out`, `Runtime exited`, `signal: killed`.',
      'The report line of the invocation: memory used against memory size.',
    ],
    actions: [
      'Out of memory: raise the memory of the function (`infra/constructs/aliased-function.ts`), or let the job plan fewer requests at once.',
      'Out of time although the run’s deadline is shorter: a call that cannot be aborted; save the log and report it.',
    ],
  },
  'success-ratio': {
    meaning:
      'Of the runs of a job in the last 24 clock hours (at least ten, without skips) fewer than nine in ten ended `succeeded`, `partial` or `unchanged`. The data may still be fresh: this is an early sign. After an outage the alarm lasts until enough of the failures are a day old.',
    diagnosis: [WATCHDOG_LINE, 'The system dashboard, "Outcomes of runs": one reason, or many?'],
    actions: [
      'One reason: as under [overdue](#overdue).',
      'Timeouts now and then: compare with `retries` and `slow-runs`; choose a longer attempt timeout, fewer keys per run, or a longer interval.',
      'Failures of an outage that is over: nothing.',
    ],
  },
  retries: {
    meaning:
      'More than ten attempts within sixty minutes were repetitions of a call. Data stay fresh while they succeed, but each one counts towards the provider’s limit.',
    diagnosis: [WATCHDOG_LINE, 'The system dashboard, "Upstreams": retries by upstream and hour.'],
    actions: [
      `One provider with many jobs: it fails partly. ${WAIT_FOR_PROVIDER}`,
      'Timeouts: its attempt timeout is too short, or there are too many calls at once (`concurrency`, `perMinute`).',
    ],
  },
  'slow-runs': {
    meaning:
      'A run of a job took more than four fifths of its deadline. The next one may not complete its plan: the remainder is left for the run after it, and its data get older.',
    diagnosis: [
      WATCHDOG_LINE,
      'The log line of the run: `duration_ms` against `attempts` and `planned`. Many attempts: the retries took the time. Few: the provider was slow, or its pace is too low for the number of keys.',
    ],
    actions: [
      'More keys than before: raise the deadline (and check the freshness algebra with `npm run plan`) or the concurrency, or split the job.',
      `The provider is slow. ${WAIT_FOR_PROVIDER}`,
    ],
  },
  'slow-upstream': {
    meaning:
      'Within an hour more than one response in twenty of the providers of a job, and at least three, took longer than five seconds: an early sign of an outage. Data stay fresh while the runs end within their deadline.',
    diagnosis: [
      WATCHDOG_LINE,
      'The log lines of the runs (query "Runs of a job"): `slow_responses` against `attempts`, and `duration_ms` against the deadline.',
      'Other jobs of the same provider, and its status page. All providers at once: the network of the region; check AWS Health.',
    ],
    actions: [
      `The provider is slow. ${WAIT_FOR_PROVIDER}`,
      'Only large responses: ask for fewer entries per call, if the provider offers that.',
      'Slow for weeks: raise the deadline of the job (and check with `npm run plan`), or put another provider first.',
    ],
  },
  'many-keys-failed': {
    meaning:
      'Each of the last two runs of a job lost more than a fifth of its keys, or a provider refused (`refused`) more than half of the calls of an hour, and at least three. The others are fresh; the lost ones keep their last good value and its age, and become overdue in time. The alarm ends with the first run that loses fewer, and with the hour in which fewer are refused.',
    diagnosis: [
      WATCHDOG_LINE,
      EXPLAIN,
      'The log lines of the run (query "Runs of a job", then by its `run_id`): one for each lost key with its reason, or one for many keys with the same reason.',
      'One reason for all, or many? The same keys in both runs, or others?',
    ],
    actions: [
      'The same keys, `not-found` or `bad-request`: the provider no longer lists them; remove them from the settings, or refresh the dataset that the plan uses.',
      '`timeout`, or `rate-limited` for the later keys of the plan: the run ends before its plan is complete. Choose fewer keys, a longer deadline, or a longer interval; `upstream_weight` in its log line is the provider’s usage in that minute by all clients.',
      `\`upstream-fault\` for some: the provider fails partly. ${WAIT_FOR_PROVIDER}`,
      '`refused` for the same keys: the owner of the token has no access to them (zsxq: 1030, 52010). For others each time: the provider does not want these calls (zsxq: 1059). Lengthen the intervals of its jobs, or switch them off; never react with more calls.',
      '`rejected`, `malformed` for some: the provider has another format for those keys; `freshet rejected <job>` lists the rejected bodies.',
    ],
  },
  freshness: {
    meaning:
      'In the last 24 clock hours the data of a job were fresh for less time than its interval and `freshFor` give when nine ticks in ten succeed. Readers got older data than promised.',
    diagnosis: [
      WATCHDOG_LINE,
      EXPLAIN,
      'The readers’ dashboard, "overdue" of the job: one long period, or many short ones?',
    ],
    actions: [
      'One long period: an outage; as under [overdue](#overdue). The alarm lasts until enough of it is a day old.',
      'Many short ones: single failed ticks (`success-ratio`), or a `freshFor` that is too short for the provider.',
    ],
  },
  'key-refused': {
    meaning:
      'A provider does not accept our API key (401, or its own error code). It is called once an hour, or as soon as the key has a newer version. All its jobs serve their stored data.',
    diagnosis: [
      WATCHDOG_LINE,
      EXPLAIN,
      'The first failed run: `failed (auth)`; `detail` has the provider’s message, without the key.',
      'The account page of the provider: expired, revoked, another plan?',
    ],
    actions: [
      'Write the new key into the parameter that the stage file names (`aws ssm put-parameter --overwrite --type SecureString`). No deployment is necessary: the next tick reads it.',
      'A plan that does not match the key: change the setting (`docs/settings.md`) and deploy.',
      RUN_NOW,
    ],
  },
  'upstream-cooling': {
    meaning:
      'All providers of a job have been in a cool-down for longer than its declaration allows (`coolingBeforeAlarm`, an hour by default), without a response in between: a breaker is open, the provider limits or blocks us, or it does not serve our region. After each cool-down one probe checks the provider.',
    diagnosis: [
      WATCHDOG_LINE,
      EXPLAIN,
      '`freshet upstreams`: the end of the cool-down and its cause.',
      'The provider’s status page. Limits without a key apply to an address, and other customers share the addresses of Lambda: they can cause a 418 or 429.',
    ],
    actions: [
      WAIT_FOR_PROVIDER,
      '`rate-limited` although our calls stay within the declared limits: the provider allows less now; lower the setting. Never react with more retries.',
      '`forbidden-region`: another region, or another provider.',
      'The provider works again, and its cool-down is long: `freshet reset <upstream>` ends it.',
    ],
  },
  'failed-tasks': {
    meaning:
      'A task of a job ended `failed` for another reason than its deadline. Clients that poll it get this status; data that it had published remain, and the last good result is still served. The alarm lasts for an hour.',
    diagnosis: [
      WATCHDOG_LINE,
      '`freshet runs <job> --outcome failed`: `reason` and `message` of the task. When its state machine closed it, the message names the error of the step.',
      '`start`: the log line of the submit function, or of the watchdog, with the task’s `run_id`. `defect`: the log of the job’s function around it, and that of its state machine (`/aws/vendedlogs/states/Freshet-<stage>-<job>`).',
    ],
    actions: [
      'A reason of the provider: as under [overdue](#overdue).',
      '`start`: the state machine is missing, may not be started, or is throttled; deploy again, or check AWS Health. The provider was not called.',
      '`defect` with `Lambda.` or `Runtime` in it: the function could not run; as under [failed-runs](#failed-runs) and [abandoned-runs](#abandoned-runs).',
      'Submit it again: a failed task is never returned for a new submission.',
    ],
  },
  'timed-out-tasks': {
    meaning:
      'A task of a job did not end within its deadline. Items that it had published remain; a snapshot, which is published as a whole, did not change. The alarm lasts for an hour.',
    diagnosis: [
      WATCHDOG_LINE,
      'The record of the task (`freshet run <run>`): did it start, and how many chunks does it have? A task that never started waited for another run of its job.',
      'Its execution in Step Functions, by name: its state, and the time in it. The system dashboard, "Duration of invocations".',
    ],
    actions: [
      'It waited for another run: that run takes too long, or the interval is too short.',
      'Too many chunks: raise the deadline (and check with `npm run plan`), the concurrency, or the size of a chunk.',
      `The provider is slow. ${WAIT_FOR_PROVIDER}`,
    ],
  },
  'dataset-growth': {
    meaning:
      'A dataset has more than 50 % more entries (items and rows of history) than about seven days before, at least 100, and has had entries for three weeks. Nothing is wrong for readers: the table costs more, and its reads take longer. The job `retention` counts once a day; the alarm ends with its first run that finds no such growth.',
    diagnosis: [
      'The WARN line of the job `retention` (query "Runs of a job" without its filter), or `growth` of `freshet get /api/v1/admin/retention`: the dataset, and its entries then and now.',
      '`datasets` of the same report: do the items grow (more symbols or keys), or the rows of history?',
      'Was its retention raised, or its number of symbols? It grows until the oldest rows are deleted again. A dataset in its first three weeks is not judged: the same rows every day are then more than a half within seven days.',
    ],
    actions: [
      'More symbols, or a longer retention: nothing. The alarm ends within three weeks.',
      'Items although no symbol was added: readers request keys of their own; the access log names the clients. `freshet purge <job> --key <key> --confirm <job>` deletes what is not needed.',
      'Rows of history although nothing was added: is `is_complete` false day after day? Then the run has too little time for the old rows: trigger it again (`freshet trigger retention --wait`) until it is true.',
    ],
  },
} as const satisfies Readonly<Record<string, RunbookEntry>>
