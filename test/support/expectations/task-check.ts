import { failedFindings } from './findings.ts'

/** The state of a task, as its clients poll it. */
export interface TaskView {
  readonly task: string
  readonly state: string
  /** What may not change any more once it has ended, as text. */
  readonly finalState: string
}

/** What a poller knows of a task. Milliseconds since the epoch. */
export interface TaskMemory {
  readonly view?: TaskView
  /** Past it the task has ended, at the latest. */
  readonly endsBy: number
}

const RANKS: Readonly<Record<string, number>> = { PENDING: 0, RUNNING: 1 }
const ENDED = 2

/** Whether a task can change no more. */
export function hasEnded({ state }: TaskView): boolean {
  return stateRank(state) === ENDED
}

/** What is wrong with how a task stands now, against how it stood before: it only moves forward, and ends in time (I8). */
export function taskFaults(now: TaskView, { view: before, endsBy }: TaskMemory, sentAt: number): string[] {
  const isSame = before === undefined || !hasEnded(before) || before.finalState === now.finalState
  return failedFindings([
    [
      before === undefined || stateRank(now.state) >= stateRank(before.state),
      `I8 expected ${now.task} in ${before?.state} or later, as seen before; got ${now.state}`,
    ],
    [
      before === undefined || !hasEnded(before) || before.state === now.state,
      `I8 expected ${now.task} to stay ${before?.state}; got ${now.state}`,
    ],
    [isSame, `I8 expected ${now.task} to end once: ${before?.finalState}; got ${now.finalState}`],
    [
      sentAt < endsBy || hasEnded(now),
      `I8 expected ${now.task} to have ended by ${new Date(endsBy).toISOString()}; got ${now.state}`,
    ],
  ])
}

function stateRank(state: string): number {
  return RANKS[state] ?? ENDED
}
