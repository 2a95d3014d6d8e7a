/** Why an invocation failed: the handler threw, ran out of time, or its worker died. */
export class InvocationError extends Error {
  override readonly name = 'InvocationError'
  /** The stack inside the function, where there is one. */
  readonly trace: string | undefined

  constructor(message: string, trace?: string) {
    super(message)
    this.trace = trace
  }
}
