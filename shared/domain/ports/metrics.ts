/** Reads the metrics that the functions of this system have written. */
export interface Metrics {
  /**
   * The sum of each metric in a range of time, by name; 0 where nothing was written. Times are milliseconds since the epoch.
   *
   * @throws when the metrics cannot be read
   */
  sums<Name extends string>(
    names: readonly Name[],
    range: { readonly from: number; readonly to: number },
  ): Promise<Readonly<Record<Name, number>>>
}
