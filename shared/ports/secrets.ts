/** Secrets by parameter name. Values never enter the environment, a log, an item or an error. */
export interface Secrets {
  /**
   * The secret's value, cached for five minutes; `fresh` asks the store again.
   *
   * @throws {RefreshError} `secret` when it cannot be had: a declared key is never left out of a call
   */
  get(parameter: string, fresh?: boolean): Promise<string>
}
