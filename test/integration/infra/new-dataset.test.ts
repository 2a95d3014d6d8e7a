import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, test } from 'vitest'
import { loadDeclarations } from '#infra/command/report-user-errors.ts'
import type { NewDatasetOptions } from '#infra/scaffold/dataset.ts'
import { generate } from '#infra/scaffold/generate.ts'
import { readSample } from '#infra/scaffold/sample/read-sample.ts'
import { listenHttp } from '#test/support/http/sockets.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const NOW = Date.UTC(2026, 10, 28, 12)
const TICKERS = 'test/support/samples/millisecond-strings.json'
const OPTIONS: NewDatasetOptions = {
  job: 'tickers',
  path: '/v1/tickers',
  upstream: 'acme',
  host: 'api.acme.test',
}

async function generated(from: string, options: Partial<NewDatasetOptions> = {}) {
  const project = { ...(await loadDeclarations()), root: resolve('.'), now: NOW }
  return generate({ ...OPTIONS, ...options }, await readSample(from), project)
}

/** The text of the generated file whose path ends so. */
async function textOf(path: string, from: string, options?: Partial<NewDatasetOptions>): Promise<string> {
  const { files } = await generated(from, options)
  return files.find((file) => file.path.endsWith(path))?.text ?? ''
}

async function sampleFile(text: string): Promise<string> {
  const file = join(await temporaryDirectory(), 'sample.json')
  await writeFile(file, text)
  return file
}

describe('a dataset is not generated', () => {
  it.each([
    ['a name that is taken', { job: 'hama' }, '<job>: expected the name of no other job, got hama'],
    [
      'a name in capitals',
      { job: 'Tickers' },
      '<job>: expected a kebab-case noun of 3 to 40 characters such as prices, got "Tickers"',
    ],
    [
      'a word of the language',
      { job: 'default' },
      '<job>: expected a name that is no word of the language or the project, got default',
    ],
    [
      'a word that the project does not use',
      { job: 'known-prices' },
      '<job>: expected no known-prices; write cacheEntry, previous, or what the value is',
    ],
    [
      'a path that is served',
      { path: '/api/v1/currencies/global-market-stats' },
      '--path: expected a path that is not served yet, got /api/v1/currencies/global-market-stats, which is that of the job global-market',
    ],
    [
      'a path that another one covers',
      { path: '/api/v1/positions/x/technical' },
      'which is that of the job technical',
    ],
    [
      'a path of operations',
      { path: '/v1/jobs/hama' },
      '--path: expected a path that is not served yet, got /v1/jobs/hama, which is that of operations',
    ],
    [
      'a path below which another one is',
      { path: '/v1/runs' },
      'got /v1/runs, and /v1/runs/symbol is that of operations',
    ],
    [
      'a path without a slash',
      { path: 'tickers' },
      '--path: expected a path such as /v1/prices, got "tickers"',
    ],
    [
      'a path with a parameter',
      { path: '/v1/{symbol}' },
      '--path: expected a path without parameters, got /v1/{symbol}',
    ],
    [
      'a new provider without a host',
      { host: undefined },
      '--host: expected the host of acme, which no file of shared/upstreams/ declares, such as api.example.com; got nothing',
    ],
    [
      'a host without https',
      { host: 'http://api.acme.test' },
      '--host: expected a host or an https URL without a query, got "http://api.acme.test"',
    ],
    [
      'a host of a declared provider',
      { upstream: 'bybit' },
      '--host: expected none for bybit, which is declared, got api.acme.test',
    ],
    [
      'a file that exists',
      { upstream: 'fields' },
      'shared/upstreams/fields.ts: expected no such file, got one; no file was written',
    ],
    [
      'an illegal interval',
      { every: '7 minutes' },
      "--every: expected a period of whole minutes that divides the hour or the day, got '7 minutes'",
    ],
    [
      'a call that is no path',
      { call: 'tickers' },
      '--call: expected a path such as /v2/tickers?venue=spot, got "tickers"',
    ],
    [
      'a call with a key',
      { call: '/tickers?apikey=x1' },
      '--call: expected no credential in the query, got apikey',
    ],
  ])('for %s', async (_, options, message) => {
    await expect(generated(TICKERS, options)).rejects.toThrow(message)
  })

  it('for a sample that is no JSON, is not there, or has no rows', async () => {
    await expect(generated(await sampleFile('{"a":'))).rejects.toThrow(
      /^--from: expected JSON in .*, got something else: /,
    )
    await expect(generated('none.json')).rejects.toThrow(
      '--from: expected a file that can be read, got none.json: ENOENT',
    )
    await expect(generated(await sampleFile('{"data":[]}'))).rejects.toThrow(
      '--from: expected a list with rows at data, got an empty list',
    )
  })

  it('for an answer that its declared provider does not accept', async () => {
    const declared = { upstream: 'bybit', host: undefined }

    await expect(generated(await sampleFile('[{"id":"a"}]'), declared)).rejects.toThrow(
      '--from: expected an answer that shared/upstreams/ accepts as one of bybit, got: ',
    )
  })
})

describe('the sample of a dataset', () => {
  it('is fetched from a URL, whose path and query become the call', async () => {
    const origin = await listenHttp((_, response) => response.end('{"price":91234.5}'))

    const refresh = await textOf('tickers/refresh.ts', `${origin}/v2/ticker?pair=BTC-USD`)

    expect(refresh).toContain("calls: [{ path: '/v2/ticker', query: { pair: 'BTC-USD' } }]")
  })

  it('is not fetched where the URL does not answer with 200', async () => {
    const origin = await listenHttp((_, response) => response.writeHead(403).end('{}'))

    await expect(generated(`${origin}/v2/ticker`)).rejects.toThrow(
      /^--from: expected status 200 of 127\.0\.0\.1:\d+, got 403$/,
    )
    await expect(generated('http://api.acme.test/v2')).rejects.toThrow(
      '--from: expected an https URL, got http://api.acme.test/v2',
    )
  })

  it('keeps the digits of long numbers, and is cut to twenty rows', async () => {
    const rows = Array.from(
      { length: 30 },
      (_, index) => `{"symbol":"S${index}","size":12345678901234567890.5}`,
    )

    const sample = await textOf('samples/tickers.json', await sampleFile(`[${rows.join(',')}]`))

    expect(sample.match(/12345678901234567890\.5/g)).toHaveLength(20)
  })

  it('of a declared provider joins its stand-in, and adds no provider', async () => {
    const file = await sampleFile('{"retCode":0,"result":{"price":"1.5"}}')
    const { files } = await generated(file, { upstream: 'bybit', host: undefined, call: '/v5/price' })

    expect(files.map(({ path }) => path)).not.toContain('shared/upstreams/index.ts')
    expect(files.find(({ path }) => path === 'infra/local/simulated/index.ts')?.text).toContain(
      '  bybit: joinedProviders(tickersSample, bybit),\n',
    )
  })
})

describe('a provider that states errors under status 200', () => {
  it.each([
    [
      'a flag',
      '{"success":true,"data":{"price":1}}',
      'if (value === undefined || value === true) return undefined',
    ],
    [
      'a word',
      '{"status":"ok","data":{"price":1}}',
      "if (value === undefined || value === 'ok') return undefined",
    ],
    ['an error', '{"error":null,"data":{"price":1}}', 'value === null'],
  ])('is classified by %s', async (_, text, code) => {
    expect(await textOf('upstreams/acme.ts', await sampleFile(text))).toContain(code)
  })
})

test('without a terminal a missing option is a usage error, and a dry run writes nothing', async () => {
  const run = promisify(execFile)
  const freshet = ['infra/cli/main.ts', 'new', 'tickers', '--path', '/v1/tickers', '--upstream', 'acme']
  const options = { env: { PATH: process.env['PATH'] } }

  await expect(run(process.execPath, freshet, options)).rejects.toMatchObject({
    code: 2,
    stderr:
      '--from: expected a value such as sample.json, got nothing. Sample: a file with an answer in JSON, or its URL\n',
  })
  const dryRun = [...freshet, '--from', TICKERS, '--host', 'api.acme.test', '--dry-run']
  const { stdout } = await run(process.execPath, dryRun, options)

  expect(stdout).toContain('--- functions/jobs/tickers/refresh.ts\n')
  expect(existsSync('functions/jobs/tickers')).toBe(false)
})
