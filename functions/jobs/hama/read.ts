import type { View } from '#shared/read/view.ts'
import { analyzeBatch } from './analyze-batch.ts'
import { analyzeSymbol } from './analyze-symbol.ts'
import { cacheStats } from './cache-stats.ts'
import { schedulerStatus } from './scheduler-status.ts'
import { taskStatus } from './task.ts'

/** The documented answers, by the name of the route's shape. */
export const hama = {
  analyzeSymbol,
  analyzeBatch,
  cacheStats,
  schedulerStatus,
  task: taskStatus,
} satisfies Readonly<Record<string, View>>
