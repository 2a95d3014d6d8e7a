import { setTimeout as sleep } from 'node:timers/promises'
import { brotliDecompressSync } from 'node:zlib'
import { type Signer, type SmokeResponse, send } from '#infra/command/client.ts'

export interface SmokeTarget {
  /** URL of the API, with a path prefix if it has one. */
  readonly url: URL
  /** Path of a public read without parameters. */
  readonly readPath: string
  /** Job whose run is triggered. */
  readonly job: string
  /** Absent: the checks of operators' paths are left out. */
  readonly sign?: Signer | undefined
}

/** One check of a deployment. It throws with expected and got. */
export interface SmokeCheck {
  readonly name: string
  run(): Promise<void>
}

const RUN_TIMEOUT_MS = 120_000
const POLL_MS = 1_000
const SUCCESSES = ['succeeded', 'unchanged', 'partial', 'skipped']

/** The checks of a deployment, in order. */
export function smokeChecks(target: SmokeTarget): readonly SmokeCheck[] {
  const { readPath, sign } = target
  const read = (headers: Readonly<Record<string, string>> = {}) => send(urlOf(target, readPath), { headers })
  return [
    { name: 'GET /health answers with the state of every job', run: () => checkHealth(target) },
    { name: `GET ${readPath} answers plain and brotli bytes of one body`, run: () => checkEncodings(read) },
    {
      name: `GET ${readPath} with its entity tag answers 304 without a body`,
      run: () => checkNotModified(read),
    },
    { name: 'GET /v1/jobs without credentials is refused', run: () => checkRefusal(target) },
    ...(sign
      ? [
          { name: 'GET /v1/jobs with credentials lists the jobs', run: () => checkJobs(target, sign) },
          { name: `a run of ${target.job} that is triggered ends`, run: () => checkRun(target, sign) },
        ]
      : []),
  ]
}

async function checkHealth(target: SmokeTarget): Promise<void> {
  const response = await send(urlOf(target, '/health'))
  expectStatus(response, [200])
  const { jobs } = jsonOf(response)
  if (!Array.isArray(jobs) || jobs.length === 0) throw new Error('expected a list of jobs, got none')
}

type Read = (headers?: Readonly<Record<string, string>>) => Promise<SmokeResponse>

async function checkEncodings(read: Read): Promise<void> {
  // the data may change between two reads
  for (let attempt = 1; ; attempt += 1) {
    const plain = await read({ 'accept-encoding': 'identity' })
    const packed = await read({ 'accept-encoding': 'br' })
    expectStatus(plain, [200])
    expectStatus(packed, [200])
    if (plain.headers['content-encoding'] !== undefined)
      throw new Error(`expected plain bytes, got ${plain.headers['content-encoding']}`)
    if (packed.headers['content-encoding'] !== 'br')
      throw new Error(`expected brotli bytes, got ${packed.headers['content-encoding'] ?? 'plain ones'}`)
    const unpacked = brotliDecompressSync(packed.body)
    if (unpacked.equals(plain.body)) return
    if (attempt === 3 || plain.headers['etag'] === packed.headers['etag'])
      throw new Error('expected the same body in both encodings, got two')
  }
}

async function checkNotModified(read: Read): Promise<void> {
  const { etag } = (await read()).headers
  if (etag === undefined) throw new Error('expected an entity tag, got none')
  const again = await read({ 'if-none-match': etag })
  expectStatus(again, [304])
  if (again.body.length > 0) throw new Error(`expected no body, got ${again.body.length} bytes`)
}

async function checkRefusal(target: SmokeTarget): Promise<void> {
  expectStatus(await send(urlOf(target, '/v1/jobs')), [401, 403])
}

async function checkJobs(target: SmokeTarget, sign: Signer): Promise<void> {
  const response = await signed(target, sign, '/v1/jobs')
  expectStatus(response, [200])
  const { jobs } = jsonOf(response)
  if (!Array.isArray(jobs) || !jobs.some(({ id }: { id?: unknown }) => id === target.job))
    throw new Error(`expected the job ${target.job} in the list, got none`)
}

async function checkRun(target: SmokeTarget, sign: Signer): Promise<void> {
  const accepted = await signed(target, sign, `/v1/jobs/${target.job}/runs`, {})
  expectStatus(accepted, [200, 202])
  const { run_id: id, status_url: path } = jsonOf(accepted)
  if (typeof id !== 'string' || typeof path !== 'string')
    throw new Error(`expected run_id and status_url, got ${accepted.body.toString('utf8')}`)
  const deadline = Date.now() + RUN_TIMEOUT_MS
  let last: unknown
  while (Date.now() < deadline) {
    const response = await signed(target, sign, path)
    // it has no record before its function has started
    const { outcome, reason } = response.status === 404 ? {} : jsonOf(response)
    if (typeof outcome === 'string' && outcome !== 'running') {
      if (SUCCESSES.includes(outcome)) return
      throw new Error(`expected a run with data, got ${outcome} (${String(reason)})`)
    }
    last = { status: response.status, outcome }
    await sleep(POLL_MS)
  }
  throw new Error(`expected the end of ${id} within ${RUN_TIMEOUT_MS / 1_000} s, got ${JSON.stringify(last)}`)
}

async function signed(
  target: SmokeTarget,
  sign: Signer,
  path: string,
  json?: object,
): Promise<SmokeResponse> {
  const url = urlOf(target, path)
  const method = json === undefined ? 'GET' : 'POST'
  const body = json === undefined ? '' : JSON.stringify(json)
  const type: Record<string, string> = json === undefined ? {} : { 'content-type': 'application/json' }
  return send(url, { method, body, headers: { ...(await sign(url, { method, body })), ...type } })
}

function urlOf({ url }: Pick<SmokeTarget, 'url'>, path: string): URL {
  return new URL(`${url.href.replace(/\/$/, '')}${path}`)
}

const EXCERPT_CHARACTERS = 200

function expectStatus({ status, body }: SmokeResponse, expected: readonly number[]): void {
  if (expected.includes(status)) return
  const excerpt = JSON.stringify(body.toString('utf8').slice(0, EXCERPT_CHARACTERS))
  throw new Error(`expected status ${expected.join(' or ')}, got ${status} with ${excerpt}`)
}

function jsonOf({ body }: SmokeResponse): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(body.toString('utf8'))
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  throw new Error(`expected an object, got ${JSON.stringify(value)}`)
}
