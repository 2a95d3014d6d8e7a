import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Client, createClient, type Fetch, type JobHealth } from '#shared/client/client.ts'
import { defined } from '#shared/domain/defined.ts'
import { documentedRequests } from '#test/support/contract/documented-request.ts'
import type { WireRequest, WireResponse } from '#test/support/http/exchange.ts'
import { recordUsedPermissions } from '#test/support/roles/used-permissions.ts'
import { type OnCleanup, onTestCleanup } from '#test/support/temporary/cleanup.ts'

const ROOT = process.cwd()
const CLOCK_AHEAD = new URL('./clock-ahead.ts', import.meta.url)
/** On a busy machine a start that has to bundle takes half a minute. */
const LINE_TIMEOUT_MS = 45_000

/** The route that is read. */
export const STATS_PATH = '/api/v1/currencies/global-market-stats'

/** In seconds. Shorter than any deployment may have: a process with such a setting is started without the checks. */
export const LONGEST_UNCHECKED_TTL = '5'

/** Values go stale after a second, and a refresh asks once. */
export const SHORT_TTL_SETTINGS = { GLOBAL_STATS_CACHE_TTL: '1', GLOBAL_STATS_MAX_RETRIES: '1' }

/** `npm start` without npm, however it goes. */
export interface LocalStart {
  readonly child: ChildProcess
  /** Everything that was printed so far. */
  readonly printed: () => string
  /** Waits for a printed line that matches; that line. */
  readonly waitForLine: (pattern: RegExp) => Promise<string>
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
}

/** One that answers. */
export interface LocalProcess extends LocalStart {
  /** Sends a request to the HTTP API; fails for a response that is not documented. */
  readonly request: (target?: string, sent?: WireRequest) => Promise<WireResponse>
  /** The typed client of a reader, and that of the operator whose token is printed; they use `request`. */
  readonly reader: Client
  readonly operator: () => Promise<Client>
  /** The entry of the job `global-market` in `/health`. */
  readonly health: () => Promise<JobHealth | undefined>
  /** As kill -9 does. */
  readonly kill: () => Promise<void>
}

interface StartOptions {
  readonly args?: readonly string[]
  /** The jobs that run, because each costs a second of a processor at every start; `global-market` by default. */
  readonly only?: readonly string[] | 'all'
  readonly atEnd?: OnCleanup
  /** The project; this one by default. */
  readonly cwd?: string
  /** How far its clock is ahead of ours, in milliseconds. */
  readonly aheadMs?: number
}

/** Starts a process with nothing but the given settings, for the length of one test. */
export function start(
  settings: Readonly<Record<string, string>>,
  { args = [], only = ['global-market'], atEnd = onTestCleanup, cwd = ROOT, aheadMs = 0 }: StartOptions = {},
): LocalStart {
  const clock = aheadMs === 0 ? [] : [`--import=${CLOCK_AHEAD}?ms=${aheadMs}`]
  const isUnchecked = Number(settings['GLOBAL_STATS_CACHE_TTL']) <= Number(LONGEST_UNCHECKED_TTL)
  const file = isUnchecked ? 'test/support/process/unchecked-start.ts' : 'infra/local/start.ts'
  const jobs = only === 'all' ? [] : [`--only=${only.join(',')}`]
  const child = spawn(process.execPath, [...clock, file, ...jobs, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], TZ: 'UTC', PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      for (const listener of listeners) listener()
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal)
  atEnd(async () => {
    child.kill('SIGKILL')
    await ended
    await recordUsedPermissions(settings['FRESHET_DATA'])
  })
  const waitForLine = async (pattern: RegExp): Promise<string> => {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const fail = (why: string) => reject(new Error(`expected a line ${pattern}, got ${why}:\n${text}`))
    const checkLines = () => {
      const lines = text.split('\n').slice(0, -1)
      const line = lines.find((candidate) => pattern.test(candidate))
      if (line !== undefined) resolve(line)
    }
    const timer = setTimeout(fail, LINE_TIMEOUT_MS, 'none in time')
    ended.then(() => fail('an end'), reject)
    listeners.add(checkLines)
    checkLines()
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      listeners.delete(checkLines)
    }
  }
  return { child, printed: () => text, waitForLine, ended }
}

/** Waits until the HTTP API answers; its origin. */
export async function waitForOrigin({ waitForLine }: LocalStart): Promise<string> {
  const line = await waitForLine(/^Freshet \S+ at http:/)
  return line.slice(line.indexOf('http:'))
}

/** Starts a process and waits until it answers. */
export async function startAndWait(
  settings: Readonly<Record<string, string>>,
  atEnd: OnCleanup = onTestCleanup,
  options: Omit<StartOptions, 'atEnd'> = {},
): Promise<LocalProcess> {
  const started = start(settings, { ...options, atEnd })
  const origin = await waitForOrigin(started)
  const send = documentedRequests(origin, options.cwd ?? ROOT)
  const request = (target = STATS_PATH, sent: WireRequest = {}) => send(target, sent)
  const reader = clientOf(origin, request)
  return {
    ...started,
    request,
    reader,
    operator: async () => {
      const line = await started.waitForLine(/^Operator token: /)
      return clientOf(origin, request, { authorization: line.replace('Operator token: ', 'Bearer ') })
    },
    health: async () => {
      const { body } = await reader.get('/health')
      return body.jobs.find(({ job }) => job === 'global-market')
    },
    kill: async () => {
      started.child.kill('SIGKILL')
      await started.ended
    },
  }
}

function clientOf(
  baseUrl: string,
  request: LocalProcess['request'],
  headers: Readonly<Record<string, string>> = {},
): Client {
  const fetch: Fetch = async (url, { method, headers: sent, body }) => {
    const response = await request(url.slice(baseUrl.length), { method, headers: sent, ...defined({ body }) })
    const received = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const)
    return { status: response.status, headers: received, text: async () => response.body.toString() }
  }
  return createClient({ baseUrl, headers, fetch })
}
