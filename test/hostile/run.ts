import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { environmentOf } from './options.ts'

/* npm run test:hostile -- [--all] [--job <profile>] [--seed <number>] [--only <attack>] [--report <file>] */
const vitest = resolve('node_modules/vitest/vitest.mjs')
const { status } = spawnSync(process.execPath, [vitest, 'run', '--maxWorkers=100%', '--project', 'hostile'], {
  stdio: 'inherit',
  env: { ...process.env, ...environmentOf(process.argv.slice(2)) },
})
process.exitCode = status ?? 1
