/** The state machines of jobs whose runs are tasks. */
export interface StateMachines {
  /**
   * Starts the machine of a job for one run, under that run's id. Said again for the same run, it starts nothing.
   *
   * @throws when it cannot be started
   */
  start(job: string, run: string): Promise<void>
}
