import { parseStage, type StageConfig } from '#infra/stages/config.ts'

/** A stage file as small as it can be, with what a test changes. */
export function testStage(changes: Record<string, unknown> = {}): StageConfig {
  const content = {
    stage: 'test',
    settings: {},
    reads: { auth: 'public', throttle: { rate: 10, burst: 20 } },
    operators: { auth: 'iam' },
    corsOrigins: [],
    logRetentionDays: 14,
    deletionProtection: false,
    monthlyBudgetUsd: 28,
    ...changes,
  }
  return parseStage(content, 'test.json')
}
