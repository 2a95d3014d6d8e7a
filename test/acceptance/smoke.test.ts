import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { awsSigner } from '#infra/command/client.ts'
import { startAndWait } from '#test/support/process/local-process.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

interface Result {
  readonly code: number
  readonly lines: readonly string[]
}

async function smoke(...args: readonly string[]): Promise<Result> {
  const env = { PATH: process.env['PATH'], FRESHET_DATA: '/none' }
  const { code, stdout } = await promisify(execFile)(
    process.execPath,
    ['infra/cli/main.ts', 'smoke', ...args],
    { env },
  )
    .then(({ stdout }) => ({ code: 0, stdout }))
    .catch((error: { code: number; stdout: string }) => error)
  return { code, lines: stdout.trimEnd().split('\n') }
}

test('freshet smoke passes for a running system, and names what fails', async ({ onTestFinished: atEnd }) => {
  const system = await startAndWait({ FRESHET_DATA: await temporaryDirectory(atEnd) }, atEnd, { only: 'all' })
  const token = (await system.waitForLine(/^Operator token: /)).replace('Operator token: ', '')
  const origin = (await system.waitForLine(/^Freshet \S+ at http:/)).replace(/^.* at /, '')

  const passed = await smoke('--url', origin, '--token', token)
  const asJson = await smoke('--url', origin, '--json')
  const withoutToken = await smoke('--url', origin)
  const wrongToken = await smoke('--url', origin, '--token', 'A'.repeat(43))
  const wrongPath = await smoke('--url', origin, '--read', '/nothing')

  expect(passed.lines.map((line) => line.slice(0, 8))).toEqual(Array(6).fill('ok      '))
  expect(passed.code).toBe(0)
  expect(JSON.parse(asJson.lines.join('\n')).checks).toHaveLength(4)
  expect(withoutToken.code).toBe(0)
  expect(withoutToken.lines).toHaveLength(5)
  expect(wrongToken.code).toBe(1)
  expect(wrongToken.lines.filter((line) => line.startsWith('FAILED'))).toEqual([
    expect.stringContaining('expected status 200, got 401'),
    expect.stringContaining('expected status 200 or 202, got 401'),
  ])
  expect(wrongPath.code).toBe(1)
  expect(wrongPath.lines[2]).toMatch(/^FAILED {2}GET \/nothing .* expected status 200, got 404/)
})

test('freshet smoke of a system that does not answer fails each check', async () => {
  const { code, lines } = await smoke('--url', 'http://127.0.0.1:9')

  expect(code).toBe(1)
  expect(lines.slice(1).every((line) => line.startsWith('FAILED'))).toBe(true)
})

test('a request of an operator is signed for its region, path and body', async () => {
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session' }
  const url = new URL('https://abc.execute-api.eu-central-1.amazonaws.com/v1/jobs')
  const sign = awsSigner(async () => credentials, 'eu-central-1')

  const headers = await sign(url, { method: 'POST', body: '{}' })
  const other = await sign(url, { method: 'POST', body: '{"a":1}' })

  expect(headers['authorization']).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE\/\d{8}\/eu-central-1\/execute-api\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
  )
  expect(headers['x-amz-security-token']).toBe('session')
  expect(headers['authorization']).not.toBe(other['authorization'])
})
