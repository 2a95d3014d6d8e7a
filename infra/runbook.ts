import { jobRunbook } from './runbook-of-jobs.ts'
import { systemRunbook } from './runbook-of-system.ts'

/**
 * The runbook: an entry for each kind of alarm, under the end of its name. The page `docs/operate.md` is generated
 * from it.
 */
export const runbook = { ...jobRunbook, ...systemRunbook }

/** The end of an alarm's name, and the heading of its entry in the runbook. */
export type AlarmKind = keyof typeof runbook
