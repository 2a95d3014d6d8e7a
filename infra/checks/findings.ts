type Check =
  | 'schedule'
  | 'freshness'
  | 'dst'
  | 'quota'
  | 'limits'
  | 'routes'
  | 'names'
  | 'stage'
  | 'machines'
  | 'cost'

/** A fault of a system that is found before its deployment. An error prevents the deployment. */
export interface Finding {
  readonly check: Check
  /** The job, upstream, path or resource with the fault. */
  readonly subject: string
  /** Expected, got, and what to do. */
  readonly message: string
  readonly severity: 'error' | 'warning'
}

/** A system with errors, which must not be deployed; the message lists them all. */
export class CheckError extends Error {
  override readonly name = 'CheckError'
}

/** One line of text: `error freshness global-market: expected ...`. */
export function findingText({ severity, check, subject, message }: Finding): string {
  return `${severity} ${check} ${subject}: ${message}`
}

/** A finding that is an error by default. */
export function finding(
  check: Check,
  subject: string,
  message: string,
  severity: Finding['severity'] = 'error',
): Finding {
  return { check, subject, message, severity }
}

/** @throws {CheckError} when a finding is an error */
export function throwOnErrors(findings: readonly Finding[]): void {
  const errors = findings.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new CheckError(errors.map(findingText).join('\n'))
}

/** The part of a synthesized template that the checks read. */
export interface SynthesizedTemplate {
  readonly Resources: Readonly<Record<string, TemplateResource>>
}

export interface TemplateResource {
  readonly Type: string
  readonly Properties?: Readonly<Record<string, unknown>>
}
