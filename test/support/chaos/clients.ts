import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type * as z from 'zod'
import { textOf } from '#test/support/expectations/response-check.ts'
import type { TaskApi } from '#test/support/expectations/task-api.ts'
import { hasEnded, type TaskMemory, taskFaults } from '#test/support/expectations/task-check.ts'
import { type CurrentInstance, type Instance, requestInTime } from './instances.ts'

const POLL_MS = 200
const CLIENT_PAUSE_MS = 2_000

/** A key stands for its task, and an ended task can be polled, for a day: less what deadlines are long. */
const IDEMPOTENCY_MS = 23 * 3_600_000

/** What clients of tasks get. */
export interface ClientOptions {
  readonly apis: readonly TaskApi[]
  readonly life: CurrentInstance
  /** Called with the text of every response. */
  readonly onText: (text: string) => void
  /** Called with job and state of each task that has ended: `hama SUCCEEDED`. */
  readonly onResult: (result: string) => void
}

/** What clients saw, all together. */
export interface ClientResults {
  /** Job and state of each task when it was last polled: `hama SUCCEEDED`. */
  readonly finalStates: string[]
  readonly faults: string[]
}

/** A wish of a client: one key, one task. */
interface ClientTask extends TaskMemory {
  readonly key: string
  readonly task?: string
}

const newClientTask = (): ClientTask => ({ key: randomUUID(), endsBy: Number.POSITIVE_INFINITY })

/**
 * Clients who submit a task, twice at once and again after each kill, under one `Idempotency-Key`, and poll it until it
 * has ended; it has to be the same task every time (I9), and to move forward only (I8).
 */
export async function clientsUntilOver(choices: ClientOptions): Promise<ClientResults> {
  const results: ClientResults = { finalStates: [], faults: [] }
  await Promise.all(choices.apis.map((door) => runClient(door, choices, results)))
  return results
}

async function runClient(
  door: TaskApi,
  { life: current, onText, onResult }: ClientOptions,
  results: ClientResults,
): Promise<void> {
  let before: ClientTask | undefined
  let wish = newClientTask()
  for (let life = await current(); life; life = await current()) {
    const { now } = life
    const fail = (what: string) =>
      results.faults.push(`${new Date(now()).toISOString()} client of ${door.job}: ${what}`)
    const ask = taskClient(door, life, onText, fail)
    try {
      if (now() > wish.endsBy + IDEMPOTENCY_MS) wish = newClientTask()
      wish = await ask.submitted(wish)
      if (wish.task !== undefined) wish = await ask.polled(wish)
      if (wish.view && hasEnded(wish.view)) {
        wish = await ask.submitted(wish)
        await ask.refusedOther(wish)
        if (before && now() < before.endsBy + IDEMPOTENCY_MS) await ask.polled(before)
        const result = `${door.job} ${wish.view?.state}`
        results.finalStates.push(result)
        onResult(result)
        before = wish
        wish = newClientTask()
        await sleep(CLIENT_PAUSE_MS)
      }
    } catch (error) {
      // a process that is killed takes the answers under way along
      if (!life.killed) fail(`expected an answer, got ${error}`)
    }
    await sleep(POLL_MS)
  }
  if (wish.view) results.finalStates.push(`${door.job} ${wish.view.state}`)
}

function taskClient(
  door: TaskApi,
  life: Instance,
  onText: (text: string) => void,
  fail: (what: string) => void,
) {
  const answerTo = async (target: string, sent: object) => {
    const answer = await requestInTime(life, target, sent)
    const text = textOf(answer)
    onText(`${JSON.stringify(answer.headers)} ${text}`)
    return { ...answer, text }
  }
  const parsed = <T>(schema: z.ZodType, text: string, what: string): T | undefined => {
    const { success, data } = schema.safeParse(JSON.parse(text))
    if (!success) fail(`expected the documented body of ${what}, got ${text.slice(0, 300)}`)
    return data as T | undefined
  }
  const submission = (key: string, other?: 'other') => {
    const { target, sent } = door.submission(life.authorization, other)
    return answerTo(target, { ...sent, headers: { ...sent.headers, 'idempotency-key': key } })
  }

  return {
    /** Submits a wish twice at once. */
    async submitted(wish: ClientTask): Promise<ClientTask> {
      const answers = await Promise.all([submission(wish.key), submission(wish.key)])
      const tasks = answers.map(({ status, text }) => {
        if (status === door.acceptedStatus)
          return door.taskIdOf(parsed(door.submissionSchema, text, 'a submission') as never)
        fail(`expected ${door.acceptedStatus} of a submission, got ${status}: ${text.slice(0, 300)}`)
        return undefined
      })
      const [task] = tasks
      const isOne = tasks.every((one) => one === task) && (wish.task ?? task) === task
      if (!isOne)
        fail(`I9 expected one task of ${wish.key}, ${wish.task ?? 'a new one'}; got ${tasks.join(' and ')}`)
      if (task === undefined || wish.task !== undefined) return wish
      return { ...wish, task, endsBy: life.now() + door.deadlineMs + 1_000 }
    },

    /** The same key stands for no other work. */
    async refusedOther({ key }: ClientTask): Promise<void> {
      const { status, text } = await submission(key, 'other')
      if (status !== 422)
        fail(`I9 expected 422 of other work under ${key}, got ${status}: ${text.slice(0, 300)}`)
    },

    /** Polls a task once. */
    async polled(wish: ClientTask): Promise<ClientTask> {
      const task = wish.task ?? ''
      const sentAt = life.now()
      const { status, text } = await answerTo(door.status(task), {})
      if (status !== 200) {
        fail(`expected 200 of ${task}, got ${status}: ${text.slice(0, 300)}`)
        return wish
      }
      const body = parsed(door.statusSchema, text, 'a status')
      if (body === undefined) return wish
      const view = door.viewOf(body as never)
      if (view.task !== task) fail(`expected ${task}, got ${view.task}`)
      taskFaults(view, wish, sentAt).forEach(fail)
      return { ...wish, view }
    },
  }
}
