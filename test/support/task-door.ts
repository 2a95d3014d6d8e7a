import type * as z from 'zod'
import { schemas as rateSchemas } from '#functions/jobs/funding-rates/schema.ts'
import { schemas as hamaSchemas } from '#functions/jobs/hama/schema.ts'
import type { Sent } from './exchange.ts'
import type { TaskView } from './judged-task.ts'
import { schemaOf } from './watched-read.ts'

const RATES = '/funding_monitor'
const HAMA = '/api/gainer-analysis'

/** How tasks of a job are submitted and polled, as documented. */
export interface TaskDoor {
  readonly job: string
  /** Of a task, in milliseconds. */
  readonly deadlineMs: number
  /** A submission; `other` is one of other work. @param authorization - of an operator */
  readonly submission: (
    authorization: string,
    other?: 'other',
  ) => { readonly target: string; readonly sent: Sent }
  readonly accepted: number
  readonly submitted: z.ZodType
  /** The task's id in the body of a submission that was accepted. */
  readonly idIn: (body: never) => string
  readonly status: (task: string) => string
  readonly polled: z.ZodType
  readonly viewIn: (body: never) => TaskView
}

interface RatesStatus {
  readonly task_id: string
  readonly task_status: { readonly state: string; readonly end_time?: string; readonly error?: string }
}

interface HamaStatus {
  readonly data: {
    readonly task_id: string
    readonly status: string
    readonly success: number
    readonly failed: number
    readonly duration: number | null
  }
}

/** Refreshes of funding rates, which anybody may submit. */
export function ratesDoor(deadlineMs: number): TaskDoor {
  return {
    job: 'funding-rates',
    deadlineMs,
    submission: (_authorization, other) => ({
      target: `${RATES}/latest-rates-async?fast_mode=${other !== undefined}`,
      sent: {},
    }),
    accepted: 200,
    submitted: schemaOf(rateSchemas, `${RATES}/latest-rates-async`),
    idIn: ({ task_id }: { readonly task_id: string }) => task_id,
    status: (task) => `${RATES}/task-status/${task}`,
    polled: schemaOf(rateSchemas, `${RATES}/task-status/{task_id}`),
    viewIn: ({ task_id, task_status: { state, end_time, error } }: RatesStatus) => ({
      task: task_id,
      state,
      ending: JSON.stringify([state, end_time, error]),
    }),
  }
}

/** Preloads of symbols, which operators submit. */
export function preloadDoor(deadlineMs: number): TaskDoor {
  return {
    job: 'hama',
    deadlineMs,
    submission: (authorization, other) => ({
      target: `${HAMA}/preload`,
      sent: {
        method: 'POST',
        headers: { authorization },
        body: JSON.stringify({ symbols: ['BTCUSDT', 'LTCUSDT', other ? 'ETHUSDT' : 'FIORUSDT'] }),
      },
    }),
    accepted: 202,
    submitted: schemaOf(hamaSchemas, `${HAMA}/preload`),
    idIn: ({ data }: { readonly data: { readonly task_id: string } }) => data.task_id,
    status: (task) => `${HAMA}/tasks/${task}`,
    polled: schemaOf(hamaSchemas, `${HAMA}/tasks/{task_id}`),
    viewIn: ({ data }: HamaStatus) => ({
      task: data.task_id,
      state: data.status.toUpperCase(),
      ending: JSON.stringify([data.status, data.success, data.failed, data.duration]),
    }),
  }
}
