import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { closeServer, listen } from '#infra/command/http-server.ts'
import { rawRequest } from '#test/support/http/raw-request.ts'
import { KEYS, REGION, signedSystem } from '#test/support/http/signed-system.ts'

/** The command, as an operator starts it without a terminal: it opens no browser. */
function freshetUi(env: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const child: ChildProcess = spawn(process.execPath, [resolve('infra/cli/freshet.mjs'), 'ui', ...args], {
    env: { PATH: process.env['PATH'] ?? '', FRESHET_DATA: '/none', ...NO_FILES, ...env },
    stdio: 'pipe',
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const { stdin, stdout, stderr } = child
  if (!stdin || !stdout || !stderr) throw new Error('expected a process with pipes')
  const lines = createInterface(stdout)[Symbol.asyncIterator]()
  const errors: string[] = []
  stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString('utf8')))
  return { child, stdin, nextLine: async () => String((await lines.next()).value), errors }
}

const NO_FILES = { AWS_SHARED_CREDENTIALS_FILE: '/none', AWS_CONFIG_FILE: '/none' }
const SIGNED_IN = {
  AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  AWS_REGION: REGION,
}
const ADDRESS = /^(http:\/\/127\.0\.0\.1:\d+)(\/\?token=[\w-]{43})$/

test('freshet ui prints an address, signs what its page sends, prints another one on Enter, and ends on Ctrl-C', async () => {
  const system = await signedSystem(onTestFinished)
  const { child, stdin, nextLine } = freshetUi({ ...SIGNED_IN, FRESHET_URL: system.url.href })
  const [, origin = '', path = ''] = ADDRESS.exec(await nextLine()) ?? []
  const about = await nextLine()

  const page = await rawRequest(origin, path)
  const [, secret] = /data-session="([\w-]+)"/.exec(page.text) ?? []
  const jobs = await rawRequest(origin, '/v1/jobs', { headers: { authorization: `Bearer ${secret}` } })
  stdin.write('\n')
  const [, again, secondPath = ''] = ADDRESS.exec(await nextLine()) ?? []
  const secondPage = await rawRequest(origin, secondPath)
  child.kill('SIGINT')
  const [code] = await once(child, 'exit')

  expect(about).toContain(`operates ${system.url.origin}`)
  expect([page.status, jobs.status, again, secondPage.status, code]).toEqual([200, 200, origin, 200, 0])
  expect(system.requests.map(({ target, signature }) => [target, signature])).toEqual([
    ['/', 'none'],
    ['/v1/jobs', 'valid'],
    ['/', 'none'],
  ])
})

test('freshet ui of a script prints its address as JSON, and listens on the port of the option', async () => {
  const { url } = await signedSystem(onTestFinished)
  const free = createServer()
  const { port } = new URL(await listen(free))
  await closeServer(free)
  const { child, errors } = freshetUi(
    { ...SIGNED_IN, FRESHET_URL: url.href },
    '--json',
    '--no-open',
    '--port',
    port,
  )

  const [text] = await once(child.stdout ?? child, 'data')

  expect(new URL(JSON.parse(String(text)).address).port).toBe(port)
  expect(errors).toEqual([])
})

test.each([
  ['without credentials', {}, [], 1, /^no credentials of an operator\nNo credentials: /],
  [
    'with a port that is none',
    {},
    ['--port', '70000'],
    2,
    /^--port: expected a number up to 65535, got 70000\n/,
  ],
] as const)('freshet ui %s ends with what to do', async (_title, env, args, code, message) => {
  const { child, errors } = freshetUi({ ...env, FRESHET_URL: 'https://x.test' }, ...args)

  const [exitCode] = await once(child, 'exit')

  expect(exitCode).toBe(code)
  expect(errors.join('')).toMatch(message)
})

test('freshet ui on a port that is in use names the port', async () => {
  const { url } = await signedSystem(onTestFinished)
  const { child, errors } = freshetUi({ ...SIGNED_IN, FRESHET_URL: url.href }, '--port', url.port)

  const [exitCode] = await once(child, 'exit')

  expect(exitCode).toBe(1)
  expect(errors.join('')).toMatch(/^--port: \d+ cannot be used: .*EADDRINUSE.*\nLeave --port out/)
})
