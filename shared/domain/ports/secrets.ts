/** A secret's value, and the name of the version that it is. */
export interface Secret {
  readonly value: string
  readonly version: string
}

/** Secrets by parameter name. Values never enter the environment, a log, an item or an error. */
export interface Secrets {
  /**
   * The secret, cached for five minutes; `fresh` asks the store again. While the store does not answer, the last value
   * serves for an hour more.
   *
   * @throws {RefreshError} `secret` when it cannot be had: a declared key is never left out of a call
   */
  get(parameter: string, fresh?: boolean): Promise<Secret>
}
