#!/usr/bin/env node
// The command line runs on the Node that `npm ci` has installed, because older ones do not read TypeScript.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const MIN_MAJOR = 24

if (Number(process.versions.node.split('.')[0]) >= MIN_MAJOR) {
  await import('./main.ts')
} else {
  const node = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url))
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  const { status, error } = spawnSync(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  if (error)
    console.error(`expected Node ${MIN_MAJOR} at ${node}, got none: run npm ci, or use Node ${MIN_MAJOR}`)
  process.exitCode = status ?? 1
}
