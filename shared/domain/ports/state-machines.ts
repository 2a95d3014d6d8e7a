/** The Step Functions state machines of jobs whose runs are tasks. */
export interface StateMachines {
  /**
   * Starts the state machine of a job for one run, under that run's id. Idempotent for each run.
   *
   * @throws when the state machine cannot be started
   */
  start(job: string, run: string): Promise<void>
}
