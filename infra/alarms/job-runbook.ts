/** What an operator reads when an alarm rings. */
export interface RunbookEntry {
  /** What it means for the data and for readers. */
  readonly meaning: string
  /** Where to look, in order. */
  readonly diagnosis: readonly string[]
  /** What to do about what was found. */
  readonly actions: readonly string[]
}

const RUN_NOW =
  'Ask for a run as under "Run a job now": an operator’s run passes a pause, and heeds nothing but what the provider asked for.'
const WATCHDOG_LINE =
  'The lines of the watchdog (query "Conditions") name the job, its upstream and the figure.'
const WAIT_FOR_PROVIDER =
  'While it is down there is nothing to do: it is asked again by itself, and the alarm ends when that succeeds.'

/** What is wrong with the data or the runs of jobs, or with their providers. */
export const jobRunbook = {
  overdue: {
    meaning:
      'The data of the job are older than its declaration promises, and have been so for longer than is put up with. Readers get the last good value marked `STALE`, and 503 once it is older than `serveStaleFor`. It also rings when the watchdog itself is silent: then for all jobs at once.',
    diagnosis: [
      '`/health`: `last_run` gives outcome and reason, `conditions` what else is wrong.',
      'The run’s log line (query "Runs of a job"): `detail` says what was expected and what came.',
      'Several jobs at once: are they of one upstream (`upstream-cooling`, `key-refused`)? All jobs: does the watchdog run (`watchdog-errors`)?',
    ],
    actions: [
      `\`skipped (upstream-cooling)\` or \`failed (upstream-fault, timeout, network)\`: the provider is down. ${WAIT_FOR_PROVIDER}`,
      '`failed (malformed, rejected)`: the provider has changed its answer. The body that was not believed is kept for a week in the table, partition `job#<job>#aside`; mend the job’s `refresh.ts`.',
      'No runs at all: see `missed-ticks`, `undelivered` and `failed-runs`.',
      RUN_NOW,
    ],
  },
  failing: {
    meaning:
      'As many runs of the job in a row have failed as its declaration puts up with (`failuresBeforeAlarm`, five unless said). The last good value is still served.',
    diagnosis: [
      '`/health`: `last_run.reason`. Is it the same for all jobs of the upstream?',
      'The log lines of the runs (query "Runs of a job").',
    ],
    actions: [
      'As under [overdue](#overdue), by the reason. `store`: look at the table’s throttles. `secret`: the parameter that the stage file names must exist and be readable. `defect`: it is our own code; the message has the error.',
      RUN_NOW,
    ],
  },
  'missed-ticks': {
    meaning:
      'A tick of some job left no trace: nothing was delivered before the next one was due. It ends when a later tick has been accounted for, and not within the hour.',
    diagnosis: [
      WATCHDOG_LINE,
      'EventBridge Scheduler: does the job’s schedule exist, is it enabled, may its role invoke the alias `live`?',
      'The queue of undelivered events: the letter has the error in its attributes.',
    ],
    actions: [
      'A schedule that was changed or disabled by hand: deploy again. To stop a job, pause it or switch it off by its setting; never edit its schedule.',
      'A function that cannot start (`failed-runs`): mend it.',
      RUN_NOW,
    ],
  },
  'abandoned-runs': {
    meaning:
      'A run of some job ended without an outcome: its process was killed, ran out of memory or out of time. What it had published stays. It ends when a run has succeeded, and not within the hour.',
    diagnosis: [
      WATCHDOG_LINE,
      'The function’s log around `run_id`: `Task timed out`, `Runtime exited`, `signal: killed`.',
      'The report line of the invocation: memory used against memory size.',
    ],
    actions: [
      'Out of memory: raise the memory in `infra/constructs/job.ts`, or have the job plan less at once.',
      'Out of time although the run’s deadline is shorter: a call that cannot be ended; keep the log and report it.',
    ],
  },
  'success-ratio': {
    meaning:
      'Of the runs of some job in the last 24 clock hours (ten at least, skips not counted) fewer than nine in ten have ended `succeeded`, `partial` or `unchanged`. The data may still be fresh: this is what gets worse before they are not. After an outage it stays until enough of the failures are a day old.',
    diagnosis: [WATCHDOG_LINE, 'The machine dashboard, "How runs ended": one reason, or many?'],
    actions: [
      'One reason: as under [overdue](#overdue).',
      'Timeouts that come and go: compare with `retries` and `slow-runs`; a longer attempt timeout, fewer keys a run, or a slower schedule.',
      'Failures a while ago that are over: nothing.',
    ],
  },
  retries: {
    meaning:
      'More than ten attempts in sixty minutes were second or later ones of the same call. Data are fresh as long as they succeed, but each one costs the provider’s limit.',
    diagnosis: [
      WATCHDOG_LINE,
      'The machine dashboard, "Upstreams": retries by upstream, and over which hours.',
    ],
    actions: [
      `One provider with many jobs: it is failing in part. ${WAIT_FOR_PROVIDER}`,
      'Timeouts: its attempt timeout is too short, or we ask for too much at once (`concurrency`, `perMinute`).',
    ],
  },
  'slow-runs': {
    meaning:
      'A run of some job took more than four fifths of its deadline. The next one may not get through its plan: what does not fit is left for the run after it, and stays older.',
    diagnosis: [
      WATCHDOG_LINE,
      'Its log line: `duration_ms` against `attempts` and `planned`. Many attempts: retries took the time. Few: the provider was slow, or its pace is too low for so many keys.',
    ],
    actions: [
      'More keys than before: raise the deadline (and check the freshness algebra with `npm run plan`), the concurrency, or split the job.',
      `The provider is slow. ${WAIT_FOR_PROVIDER}`,
    ],
  },
  'many-keys-failed': {
    meaning:
      'Each of the last two runs of some job has lost more than a fifth of its keys. The others are fresh; the lost ones keep their last good value and their own age, and count as overdue in time. It ends with the first run that loses fewer.',
    diagnosis: [
      WATCHDOG_LINE,
      'The lines of the run (query "Runs of a job", then by its `run_id`): one for each lost key with its reason, or one for many that failed alike.',
      'One reason for all, or many? The same keys in both runs, or others?',
    ],
    actions: [
      'The same keys, `not-found` or `bad-request`: the provider does not list them any more; take them out of the settings, or refresh the set that the job plans from.',
      '`timeout`, or `rate-limited` for the later ones of the plan: the run ends before its plan does. Fewer keys, a longer deadline, or a longer interval; `upstream_weight` of its line says how much of the provider’s minute was used, by whomever.',
      `\`upstream-fault\` for some: the provider is failing in part. ${WAIT_FOR_PROVIDER}`,
      '`rejected`, `malformed` for some: the provider writes those otherwise; the bodies that were not believed are in the table, partition `job#<job>#aside`.',
    ],
  },
  freshness: {
    meaning:
      'Data of some job were fresh for less of the last 24 clock hours than its interval and `freshFor` give when nine ticks in ten succeed. Readers were served older data than they were promised.',
    diagnosis: [
      WATCHDOG_LINE,
      'The readers’ dashboard, the job’s "overdue": one long stretch, or many short ones?',
    ],
    actions: [
      'One long stretch: an outage; as under [overdue](#overdue). It stays until enough of it is a day old.',
      'Many short ones: ticks that fail one by one (`success-ratio`), or a `freshFor` that is too short for what the provider can give.',
    ],
  },
  'key-refused': {
    meaning:
      'A provider has refused our key (401, or its own words for it). It is asked once an hour, or as soon as there is a newer version of the key. All jobs of it serve what they have.',
    diagnosis: [
      WATCHDOG_LINE,
      'The run that found it: `failed (auth)`; `detail` has the provider’s words, without the key.',
      'The provider’s account page: expired, revoked, another plan?',
    ],
    actions: [
      'Write the new key into the parameter that the stage file names (`aws ssm put-parameter --overwrite --type SecureString`). Nothing is deployed: the next tick reads it.',
      'A plan that does not match the key: change the setting (`docs/settings.md`) and deploy.',
      RUN_NOW,
    ],
  },
  'upstream-cooling': {
    meaning:
      'All providers that some job may ask have been left alone for longer than its declaration puts up with (`coolingBeforeAlarm`, an hour unless said), without an answer in between: a breaker is open, they have limited or blocked us, or refuse our region. One probe a cool-down asks whether it is over.',
    diagnosis: [
      WATCHDOG_LINE,
      'The message of the skipped ticks: until when, and why.',
      'The provider’s status page. Limits without a key are counted by address, and the addresses of Lambda are shared with strangers: a 418 or 429 can be somebody else’s doing.',
    ],
    actions: [
      WAIT_FOR_PROVIDER,
      '`rate-limited` although we stay within what is declared: the provider allows less now; lower the setting. Never answer it with more retries.',
      '`forbidden-region`: another region, or another provider.',
    ],
  },
  'failed-tasks': {
    meaning:
      'A task of some job has ended `failed`, for another reason than its deadline. Whoever polls it is told; what it had published stays, and the last good result is still served. It stands for an hour.',
    diagnosis: [
      WATCHDOG_LINE,
      '`GET /v1/jobs/<job>/runs?outcome=failed`: `reason` and `message` of the task. One that the machine closed names the error of its step.',
      '`start`: the line of the submitting function, or of the watchdog, with the task’s `run_id`. `defect`: the log of the job’s function around it, and that of its machine (`/aws/vendedlogs/states/Freshet-<stage>-<job>`).',
    ],
    actions: [
      'A reason of the provider’s: as under [overdue](#overdue).',
      '`start`: the machine is gone, may not be started, or is throttled; deploy again, or look at AWS Health. Nothing was asked of the provider.',
      '`defect` with `Lambda.` or `Runtime` in it: the function could not run; as under [failed-runs](#failed-runs) and [abandoned-runs](#abandoned-runs).',
      'Submitted again it begins anew: a task that has failed answers for nobody.',
    ],
  },
  'timed-out-tasks': {
    meaning:
      'A task of some job did not end within its deadline. What it had published by itself stays; a set that is published at once was not touched. It stands for an hour.',
    diagnosis: [
      WATCHDOG_LINE,
      'The task’s record (`GET /v1/runs/<run id>`): did it ever begin, and how many chunks has it? One that never began has waited for another run of its job.',
      'The execution of its name in Step Functions: in which state it was, and for how long. The machine dashboard, "Duration of invocations".',
    ],
    actions: [
      'It waited for its turn: the run before it takes too long, or its schedule comes too often.',
      'More chunks than fit: raise the deadline (and check with `npm run plan`), the concurrency, or the size of a chunk.',
      `The provider is slow. ${WAIT_FOR_PROVIDER}`,
    ],
  },
} as const satisfies Readonly<Record<string, RunbookEntry>>
