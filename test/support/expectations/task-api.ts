import type * as z from 'zod'
import { schemas as rateSchemas } from '#functions/jobs/funding-rates/schema.ts'
import { schemas as hamaSchemas } from '#functions/jobs/hama/schema.ts'
import type { WireRequest } from '#test/support/http/exchange.ts'
import { schemaOf } from './read-spec.ts'
import type { TaskView } from './task-check.ts'

const RATES = '/funding_monitor'
const HAMA = '/api/gainer-analysis'

/** How tasks of a job are submitted and polled, as documented. */
export interface TaskApi {
  readonly job: string
  /** Of a task, in milliseconds. */
  readonly deadlineMs: number
  /** A submission; `other` is one of other work. @param authorization - of an operator */
  readonly submission: (
    authorization: string,
    other?: 'other',
  ) => { readonly target: string; readonly sent: WireRequest }
  readonly acceptedStatus: number
  readonly submissionSchema: z.ZodType
  /** The task's id in the body of a submission that was accepted. */
  readonly taskIdOf: (body: never) => string
  readonly status: (task: string) => string
  readonly statusSchema: z.ZodType
  readonly viewOf: (body: never) => TaskView
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
export function fundingTaskApi(deadlineMs: number): TaskApi {
  return {
    job: 'funding-rates',
    deadlineMs,
    submission: (_authorization, other) => ({
      target: `${RATES}/latest-rates-async?fast_mode=${other !== undefined}`,
      sent: {},
    }),
    acceptedStatus: 200,
    submissionSchema: schemaOf(rateSchemas, `${RATES}/latest-rates-async`),
    taskIdOf: ({ task_id }: { readonly task_id: string }) => task_id,
    status: (task) => `${RATES}/task-status/${task}`,
    statusSchema: schemaOf(rateSchemas, `${RATES}/task-status/{task_id}`),
    viewOf: ({ task_id, task_status: { state, end_time, error } }: RatesStatus) => ({
      task: task_id,
      state,
      finalState: JSON.stringify([state, end_time, error]),
    }),
  }
}

/** Preloads of symbols, which operators submit. */
export function preloadTaskApi(deadlineMs: number): TaskApi {
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
    acceptedStatus: 202,
    submissionSchema: schemaOf(hamaSchemas, `${HAMA}/preload`),
    taskIdOf: ({ data }: { readonly data: { readonly task_id: string } }) => data.task_id,
    status: (task) => `${HAMA}/tasks/${task}`,
    statusSchema: schemaOf(hamaSchemas, `${HAMA}/tasks/{task_id}`),
    viewOf: ({ data }: HamaStatus) => ({
      task: data.task_id,
      state: data.status.toUpperCase(),
      finalState: JSON.stringify([data.status, data.success, data.failed, data.duration]),
    }),
  }
}
