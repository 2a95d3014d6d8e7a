import type { AuditEntry } from '#shared/client/client.ts'

const FAILED = '-failed'

/** One change in plain words: `operator: pause of job hama: maintenance`. */
export function entryText({
  actor,
  action,
  subject,
  reason,
}: Pick<AuditEntry, 'actor' | 'action' | 'subject' | 'reason'>): string {
  const [kind = '', name = ''] = subject.split(/:(.*)/s)
  const verb = action.endsWith(FAILED) ? action.slice(0, -FAILED.length) : action
  const result = verb === action ? '' : ' failed'
  return `${actor}: ${changeText(verb, kind, name)}${result}${reason === null ? '' : `: ${reason}`}`
}

/** What was done to what. Data have their name in the action too: `replace-positions` of `data:positions`. */
function changeText(verb: string, kind: string, name: string): string {
  const words = verb.replaceAll('-', ' ')
  if (kind === 'data' && verb.endsWith(`-${name}`)) return words
  if (kind === 'dlq') return `${words} of ${name === 'all' ? 'all failure queues' : `failure queue ${name}`}`
  return `${words} of ${kind} ${name}`
}
