import { runStart } from '#infra/local/host/start-command.ts'

/* `npm start` without the checks: tests let data go stale within a second, which no deployment may do. */
await runStart(async () => undefined)
