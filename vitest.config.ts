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
      // on a busy machine a test takes several times as long as on an idle one
      project('unit', { testTimeout: 20_000 }),
      project('property', { testTimeout: 30_000 }),
      project('simulation', { testTimeout: 60_000 }),
      project('hostile'),
      project('contract', { testTimeout: 20_000 }),
      // importing the CDK takes longer than most of these files: they share it, and none keeps state in a module
      project('infra', { isolate: false, testTimeout: 60_000, hookTimeout: 60_000 }),
      project('integration', { testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false }),
      project('acceptance', {
        testTimeout: 60_000,
        hookTimeout: 60_000,
        fileParallelism: false,
        maxConcurrency: 3,
      }),
      project('faults', { testTimeout: 60_000, hookTimeout: 60_000 }),
      project('perf', { testTimeout: 60_000, hookTimeout: 60_000 }),
      project('reference', { testTimeout: 60_000, hookTimeout: 60_000 }),
    ],
  },
})
