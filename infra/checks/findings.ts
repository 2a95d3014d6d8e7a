/** Something that is wrong with a system before it is deployed. An error refuses it. */
export interface Finding {
  /** The check that says so. */
  readonly check: 'schedule' | 'freshness' | 'dst' | 'quota' | 'limits' | 'routes' | 'machines' | 'cost'
  /** The job, upstream, path or resource it is about. */
  readonly subject: string
  /** Expected and got, and what to do. */
  readonly message: string
  readonly severity: 'error' | 'warning'
}

/** A system that must not be deployed: every error that was found. */
export class CheckError extends Error {
  override readonly name = 'RefusedError'
}

/** One line for people: `error freshness global-market: expected ...`. */
export function findingText({ severity, check, subject, message }: Finding): string {
  return `${severity} ${check} ${subject}: ${message}`
}

/** @throws {CheckError} when there is an error among the findings */
export function throwOnErrors(findings: readonly Finding[]): void {
  const errors = findings.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new CheckError(errors.map(findingText).join('\n'))
}

/** A synthesized template, as far as the checks look at it. */
export interface SynthesizedTemplate {
  readonly Resources: Readonly<Record<string, TemplateResource>>
}

export interface TemplateResource {
  readonly Type: string
  readonly Properties?: Readonly<Record<string, unknown>>
}
