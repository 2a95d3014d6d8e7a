import { type HttpResult, problem } from '#shared/http/problem.ts'

interface HttpFailure {
  readonly status: number
  /** Says expected and got; never holds a secret. */
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
  /** Further members of the problem details. */
  readonly members?: object
}

/** A request that is not done, and why. Thrown wherever that is found out, answered at the one door. */
export class HttpError extends Error {
  override readonly name = 'Refused'
  readonly result: HttpResult

  constructor({ status, message, headers, members }: HttpFailure, options?: ErrorOptions) {
    super(message, options)
    this.result = problem({ status, message }, headers, members)
  }
}

/** What somebody said, in a message: as JSON, cut short. */
export function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 100)
}
