import { defineConfig } from 'vitest/config'

const common = {
  restoreMocks: true,
  unstubEnvs: true,
  unstubGlobals: true,
  env: {
    TZ: 'UTC',
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    POWERTOOLS_DEV: 'false',
    POWERTOOLS_METRICS_DISABLED: 'true',
  },
}

/**
 * Files of a project whose modules the files of one worker share: importing what they test takes longer than most of their
 * tests. No test may leave anything in a module. A worker serves one project only, so each of them has its turn.
 */
function sharedModules(turn: number) {
  return { isolate: false, sequence: { groupOrder: turn } }
}

/** Projects with generated inputs; `TEST_SEED` fixes what is generated. */
const GENERATED = { setupFiles: ['test/support/generated-inputs.ts'] }

/** The seed of the attack, which its files share; by default another one each time. */
const ATTACK_SEED = { HOSTILE_SEED: process.env['HOSTILE_SEED'] ?? String(Date.now() % 1_000_000) }

/** Projects that start the system. */
const STARTED = { globalSetup: ['test/support/process/bundles.ts'] }

function project(name: string, more: object = {}) {
  return {
    extends: true as const,
    test: { ...common, name, include: [`test/${name}/**/*.test.ts`], ...more },
  }
}

export default defineConfig({
  test: {
    coverage: { provider: 'v8', include: ['shared/**', 'functions/**', 'infra/**'] },
    projects: [
      // on a busy machine a test takes several times as long as otherwise
      project('unit', { ...sharedModules(1), ...GENERATED, testTimeout: 20_000 }),
      project('property', { ...sharedModules(2), ...GENERATED, testTimeout: 30_000 }),
      project('simulation', { testTimeout: 60_000 }),
      project('hostile', { env: { ...common.env, ...ATTACK_SEED } }),
      project('contract', { ...sharedModules(3), testTimeout: 20_000 }),
      project('infra', { ...sharedModules(4), testTimeout: 60_000, hookTimeout: 60_000 }),
      project('integration', { testTimeout: 60_000, hookTimeout: 60_000 }),
      project('acceptance', { ...STARTED, testTimeout: 60_000, hookTimeout: 60_000, maxConcurrency: 3 }),
      // after the others: it keeps every job busy for a minute and a half, and expects timely answers
      project('chaos', { ...STARTED, sequence: { groupOrder: 5 } }),
      project('page', {
        ...STARTED,
        testTimeout: 90_000,
        hookTimeout: 120_000,
        sequence: { groupOrder: 6 },
      }),
      project('faults', {
        setupFiles: [...GENERATED.setupFiles, 'test/faults/explain-every-run.ts'],
        testTimeout: 60_000,
        hookTimeout: 60_000,
      }),
      project('perf', { testTimeout: 60_000, hookTimeout: 60_000 }),
      project('reference', { testTimeout: 60_000, hookTimeout: 60_000 }),
    ],
  },
})
