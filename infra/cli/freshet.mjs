#!/usr/bin/env node
// The command line runs on the Node that `npm ci` has installed, because older ones do not read TypeScript.
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const MIN_MAJOR = 24

if (Number(process.versions.node.split('.')[0]) >= MIN_MAJOR) {
  // types are stripped once: without the cache that takes most of a start
  module.enableCompileCache()
  await import('./main.ts')
} else {
  const { spawn } = await import('node:child_process')
  const node = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url))
  const main = fileURLToPath(import.meta.url)
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  // the command ends first, and with it this process
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => {
    process.exitCode = code ?? 1
  })
  child.on('error', () => {
    console.error(`expected Node ${MIN_MAJOR} at ${node}, got none: run npm ci, or use Node ${MIN_MAJOR}`)
    process.exitCode = 1
  })
}
