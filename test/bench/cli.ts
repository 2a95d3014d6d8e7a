import { spawnSync } from 'node:child_process'
import { gate, median, note, shuffled } from './measure.ts'

/*
 * Cold start of the command line, against `node -e 0` in the same rounds: of its version, of the help, and of a command that
 * finds no system. Each start is a fresh process; the variants take turns in shuffled rounds.
 */

const ROUNDS = Number(process.argv[2] ?? 20)
const MAX_EXTRA_MS = 150
const FRESHET = 'infra/cli/freshet.mjs'

const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  node: ['-e', '0'],
  version: [FRESHET, '--version'],
  help: [FRESHET, '--help'],
  jobs: [FRESHET, '--url', 'http://127.0.0.1:9', 'jobs'],
}

const times = new Map<string, number[]>(Object.keys(VARIANTS).map((name) => [name, []]))
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const [name, args] of shuffled(Object.entries(VARIANTS))) {
    const start = performance.now()
    spawnSync(process.execPath, args, { stdio: 'ignore' })
    // the first round fills the compile cache
    if (round > 0) times.get(name)?.push(performance.now() - start)
  }
}

const floor = median(times.get('node') ?? [])
note('node -e 0: ms', floor)
for (const [name, values] of times) {
  if (name === 'node') continue
  const extra = median(values) - floor
  gate(`freshet ${name}: ms more than node -e 0`, extra, MAX_EXTRA_MS)
}
