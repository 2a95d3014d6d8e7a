import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { ScanCommand } from '@aws-sdk/client-dynamodb'
import { expect, onTestFinished, test, vi } from 'vitest'
import { closeServer, listen } from '#infra/command/http-server.ts'
import { tableClient } from '#infra/local/table/create-table.ts'
import { openTable } from '#infra/local/table/table.ts'
import { sendRequest } from '#test/support/http/exchange.ts'
import { STATS_PATH, start, waitForOrigin } from '#test/support/process/local-process.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

test('under chaos the banner and each call are one line, and the data are labelled as simulated', async () => {
  const system = start({ FRESHET_DATA: await temporaryDirectory() }, { args: ['--chaos=slow:4'] })
  const origin = await waitForOrigin(system)

  const answer = await sendRequest(origin, STATS_PATH)

  expect([answer.status, answer.headers['x-data-source']]).toEqual([200, 'simulated'])
  expect(await system.waitForLine(/^Chaos/)).toBe(
    'Chaos profile slow is on, from call 4: good responses only, but late or one byte at a time, some of them later than any timeout',
  )
  expect(await system.waitForLine(/coingecko {2}call/)).toMatch(
    /^\d\d:\d\d:\d\d {2}coingecko {2}call 4: late by 3189 ms$/,
  )
  expect(system.printed()).toContain('CoinGecko: simulated')
})

test('a killed system has its data again, and ends with 0 on SIGTERM', async () => {
  const data = await temporaryDirectory()
  const first = start({ FRESHET_DATA: data })
  const before = await sendRequest(await waitForOrigin(first), STATS_PATH)
  first.child.kill('SIGKILL')
  await first.ended

  const second = start({ FRESHET_DATA: data })
  const after = await sendRequest(await waitForOrigin(second), STATS_PATH)
  second.child.kill('SIGTERM')

  expect(before.status).toBe(200)
  expect(after.headers['x-cache']).toBe('HIT')
  expect(after.body).toEqual(before.body)
  expect(await second.ended).toBe(0)
})

test('a second start on the same data is refused in one line', async () => {
  const data = await temporaryDirectory()
  const first = start({ FRESHET_DATA: data })
  await waitForOrigin(first)

  const second = start({ FRESHET_DATA: data })

  expect(await second.ended).toBe(1)
  expect(second.printed()).toBe(
    `Freshet: ${data} is in use by another process; end that one, or choose another FRESHET_DATA\n`,
  )
})

test('a port in use is one line, and nothing keeps the process alive', async () => {
  const other = createServer()
  const { port } = new URL(await listen(other))
  onTestFinished(() => closeServer(other))

  const system = start({ FRESHET_DATA: await temporaryDirectory(), PORT: port })

  expect(await system.ended).toBe(1)
  expect(system.printed()).toBe(`Freshet: port ${port} is in use; set PORT to another one, or to 0 for any\n`)
})

test('an AWS-compatible endpoint keeps the table in place of the embedded one', async () => {
  const faults: unknown[] = []
  const table = await openTable({ path: await temporaryDirectory(), onFault: (error) => faults.push(error) })
  onTestFinished(() => table.close())
  const data = await temporaryDirectory()

  const system = start({ FRESHET_DATA: data, AWS_ENDPOINT_URL: table.url })
  const answer = await sendRequest(await waitForOrigin(system), STATS_PATH)
  system.child.kill('SIGTERM')
  await system.ended

  expect(answer.status).toBe(200)
  const client = tableClient({ AWS_ENDPOINT_URL: table.url })
  onTestFinished(() => client.destroy())
  const { Count } = await client.send(new ScanCommand({ TableName: 'freshet', Select: 'COUNT' }))
  expect(Count).toBeGreaterThan(0)
  expect(faults).toEqual([])
})

test('an endpoint that does not answer is one line', async () => {
  const gone = createServer()
  const url = await listen(gone)
  await closeServer(gone)

  const system = start({ FRESHET_DATA: await temporaryDirectory(), AWS_ENDPOINT_URL: url })

  expect(await system.ended).toBe(1)
  expect(system.printed()).toMatch(/^Freshet: no table at AWS_ENDPOINT_URL: .*ECONNREFUSED.*\n$/)
})

test('a configured base URL wins over the simulation', async () => {
  const paths: string[] = []
  const provider = createServer((request, response) => {
    paths.push(String(request.url))
    response.writeHead(403).end()
  })
  const url = await listen(provider)
  onTestFinished(() => closeServer(provider))

  const system = start({
    FRESHET_DATA: await temporaryDirectory(),
    FRESHET_UPSTREAM_COINGECKO_URL: `${url}/base`,
  })
  await waitForOrigin(system)

  await vi.waitFor(() => expect(system.printed()).toContain('failed (refused)'), { timeout: 10_000 })
  expect(paths).toContain('/base/global')
  expect(system.printed()).toContain(`CoinGecko: live, ${url}`)
})

test('a key from the secrets file travels to the provider and appears nowhere else (I10)', async () => {
  const data = await temporaryDirectory()
  const keys: unknown[] = []
  const provider = createServer((request, response) => {
    keys.push(request.headers['x-cg-demo-api-key'])
    response.writeHead(403).end(`your key is ${request.headers['x-cg-demo-api-key']}`)
  })
  const url = await listen(provider)
  onTestFinished(() => closeServer(provider))
  const settings = {
    FRESHET_DATA: data,
    FRESHET_UPSTREAM_COINGECKO_URL: url,
    COINGECKO_PLAN: 'demo',
    COINGECKO_KEY_PARAMETER: '/keys/coingecko',
  }
  const empty = start(settings)
  await waitForOrigin(empty)
  empty.child.kill('SIGTERM')
  await empty.ended
  await writeFile(join(data, 'secrets.json'), '{"/keys/coingecko":"canary-4711"}')

  const system = start(settings)
  const origin = await waitForOrigin(system)
  await vi.waitFor(() => expect(system.printed()).toContain('failed (refused)'), { timeout: 10_000 })
  const answer = await sendRequest(origin, '/health')
  system.child.kill('SIGTERM')
  await system.ended

  expect(empty.printed()).toContain(
    `CoinGecko needs a key: put {"/keys/coingecko": "<key>"} into ${data}/secrets.json`,
  )
  expect(keys).toContain('canary-4711')
  const outputs = [system.printed(), answer.body.toString(), await readFile(join(data, 'log.jsonl'), 'utf8')]
  expect(outputs.filter((text) => text.includes('canary'))).toEqual([])
})
