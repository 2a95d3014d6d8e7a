/** A secret's value and the name of its version. */
export interface Secret {
  readonly value: string
  readonly version: string
}

/** Secrets by parameter name. Their values never enter the environment, a log, an item or an error (I10). */
export interface Secrets {
  /**
   * The secret, cached for five minutes; `fresh` reads the parameter store again. While the store is unreachable, the
   * last value is used for one more hour.
   *
   * @throws {RefreshError} `secret` when it cannot be read: a call is never made without its declared key
   */
  get(parameter: string, fresh?: boolean): Promise<Secret>
}
