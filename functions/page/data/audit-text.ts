import type { AuditEntry } from '#shared/client/client.ts'

/** One change in plain words: `operator: pause of job hama: maintenance`. */
export function entryText({
  actor,
  action,
  subject,
  reason,
}: Pick<AuditEntry, 'actor' | 'action' | 'subject' | 'reason'>): string {
  const [kind = '', name = ''] = subject.split(/:(.*)/s)
  const what = action.replace(/-failed$/, '').replaceAll('-', ' ')
  const result = action.endsWith('-failed') ? ' failed' : ''
  return `${actor}: ${what} of ${kind} ${name}${result}${reason === null ? '' : `: ${reason}`}`
}
