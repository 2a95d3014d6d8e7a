import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { Work } from '../model/run-state.ts'

/** Progress is stored at most this often, and not before a run has lasted this long. */
const STORE_INTERVAL_MS = 3_000

/** Counts the requests of a run that have ended, and stores the counts while it goes on, so that operators see it move. */
export class RunProgress {
  readonly #record: RunRecord
  readonly #ports: Pick<Work<unknown>['ports'], 'clock' | 'store' | 'log'>
  #unstored = { planned: 0, done: 0, failed: 0 }
  #storedAt: number
  #storing: Promise<void> | undefined

  constructor(record: RunRecord, ports: Pick<Work<unknown>['ports'], 'clock' | 'store' | 'log'>) {
    this.#record = record
    this.#ports = ports
    this.#storedAt = record.startedAt
  }

  /** Adds requests that are to be made; those of a task are counted with its plan. */
  plan(requests: number): void {
    if (!this.#record.task) this.#unstored.planned += requests
  }

  /** Counts a request that has ended. The run does not wait for the write. */
  end(hasFailed: boolean): void {
    this.#unstored.done += 1
    if (hasFailed) this.#unstored.failed += 1
    const now = this.#ports.clock.now()
    if (this.#storing !== undefined || now - this.#storedAt < STORE_INTERVAL_MS) return
    this.#storedAt = now
    this.#storing = this.#store().finally(() => {
      this.#storing = undefined
    })
  }

  /** Waits for the last write. A chunk of a task stores what is left, because the task goes on. */
  async close(): Promise<void> {
    await this.#storing
    if (this.#record.task && this.#unstored.done > 0) await this.#store()
  }

  /** Counts that are not stored are shown too late or never; the run goes on. */
  async #store(): Promise<void> {
    const { job, id } = this.#record
    const counts = this.#unstored
    this.#unstored = { planned: 0, done: 0, failed: 0 }
    try {
      await this.#ports.store.runs.addProgress(this.#record, counts)
    } catch (error) {
      this.#ports.log.warn('The progress of a run could not be stored', { job, run_id: id, error })
    }
  }
}
