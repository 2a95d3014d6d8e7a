import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { bundleFunctions } from '#infra/bundle/bundle.ts'
import { start, waitForOrigin } from '#test/support/process/local-process.ts'
import { measureLoad } from './load.ts'
import { gate, median, note, shuffled } from './measure.ts'
import { PATH, storedItem } from './stored-item.ts'

/*
 * Goal P10: responses a second for 8 clients that read what module memory holds. The servers, each in a process of its
 * own, are a plain Node server that says hello, the reads bundle behind `node:http`, and `npm start`; they take turns in
 * shuffled rounds. A response composed of several stored values is measured too.
 */

const ROUNDS = 5
const CLIENTS = 8
const ROUND_MS = 2_000
const FLOOR = 'test/bench/serving-floor.ts'
const SYMBOLS = '/api/gainer-analysis/symbols'

const cleanups: (() => Promise<unknown>)[] = []
try {
  await run()
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup()
}

async function run(): Promise<void> {
  const item = await storedItem()
  cleanups.push(item.close)
  const { functions } = await bundleFunctions()
  const hello = await serve([FLOOR], {})
  const bundle = await serve([FLOOR, functions['reads']?.file ?? ''], item.environment)
  const data = await mkdtemp(join(tmpdir(), 'freshet-bench-'))
  cleanups.push(() => rm(data, { recursive: true, force: true }))
  const system = start({ FRESHET_DATA: data }, { atEnd: (cleanup) => cleanups.push(cleanup) })
  const origin = await waitForOrigin(system)
  await waitForValue(`${origin}${SYMBOLS}`)

  const variants: Readonly<Record<string, string>> = {
    hello,
    bundle: `${bundle}${PATH}`,
    gateway: `${origin}${PATH}`,
    composed: `${origin}${SYMBOLS}`,
  }
  const rates = new Map<string, number[]>(Object.keys(variants).map((name) => [name, []]))
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, url] of shuffled(Object.entries(variants))) {
      const { perSecond } = await measureLoad(
        { url, headers: { 'accept-encoding': 'br' } },
        CLIENTS,
        ROUND_MS,
      )
      // the first round compiles
      if (round > 0) rates.get(name)?.push(perSecond)
    }
  }

  const rate = (name: string) => median(rates.get(name) ?? [])
  for (const name of Object.keys(variants)) note(`responses a second, ${name}`, rate(name))
  gate(
    'hello / reads bundle behind node:http (P10: at least 0.45x)',
    rate('hello') / rate('bundle'),
    1 / 0.45,
  )
  gate('hello / npm start (P10: at least 0.3x)', rate('hello') / rate('gateway'), 1 / 0.3)
  gate('npm start: stored response / composed response (P5)', rate('gateway') / rate('composed'), 2)
}

/** Starts a server process; its origin. */
async function serve(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  cleanups.push(async () => child.kill('SIGKILL'))
  for await (const line of createInterface({ input: child.stdout })) {
    child.stdout.resume()
    return line
  }
  throw new Error(`expected ${args.join(' ')} to print its origin, got nothing`)
}

/** Waits until a route answers 200. */
async function waitForValue(url: string): Promise<void> {
  for (;;) {
    const { status } = await fetch(url)
    if (status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
