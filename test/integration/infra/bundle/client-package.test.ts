import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { writeClientPackage } from '#infra/bundle/client-package.ts'
import { listenHttp } from '#test/support/http/sockets.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'
import metadata from '../../../../package.json' with { type: 'json' }

const TSC = resolve('node_modules/typescript-native/bin/tsc')

/** The example of the documentation, for the system at an address. */
async function example(origin: string): Promise<string> {
  const page = await readFile('docs/client.md', 'utf8')
  const [, code = ''] = /```ts\n(import [\s\S]*?)```/.exec(page) ?? []
  return code.replace('http://127.0.0.1:8787', origin)
}

/** An app that has installed the package. */
async function app(source: string): Promise<string> {
  const folder = await temporaryDirectory()
  const installed = join(folder, 'node_modules/freshet')
  const { name, type, exports } = metadata
  await writeClientPackage(join(installed, 'dist/client'))
  await writeFile(join(installed, 'package.json'), JSON.stringify({ name, type, exports }))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  await mkdir(join(folder, 'src'))
  await writeFile(join(folder, 'src/app.ts'), source)
  return folder
}

const STRICT = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false']

/** What the compiler says of an app for browsers; nothing if it is well typed. */
async function typeErrors(folder: string, moduleResolution: 'bundler' | 'nodenext'): Promise<string> {
  const module = moduleResolution === 'bundler' ? 'esnext' : 'nodenext'
  const modules = ['--module', module, '--moduleResolution', moduleResolution]
  const lib = ['--target', 'es2022', '--lib', 'es2022,dom,dom.iterable']
  try {
    await promisify(execFile)(process.execPath, [TSC, ...STRICT, ...modules, ...lib, 'src/app.ts'], {
      cwd: folder,
    })
    return ''
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}

const BODY = { success: true, data: { total_market_cap_usd: '3900000000000' }, error: null }

test('an app with the example of the documentation is well typed, for browsers and for Node, and runs without a dependency', async () => {
  const paths: string[] = []
  const origin = await listenHttp((request, response) => {
    paths.push(request.url ?? '')
    const headers = { 'content-type': 'application/json', 'x-cache': 'HIT', age: '7' }
    response.writeHead(200, headers).end(JSON.stringify(BODY))
  })
  const folder = await app(await example(origin))

  const errors = [await typeErrors(folder, 'bundler'), await typeErrors(folder, 'nodenext')]
  const { stdout } = await promisify(execFile)(process.execPath, ['src/app.ts'], { cwd: folder })

  expect(errors).toEqual(['', ''])
  expect(paths).toEqual(['/api/v1/currencies/global-market-stats'])
  expect(stdout).toBe('3900000000000 HIT 7\n')
})

test.each([
  ['another path', "await freshet.get('/api/v1/currencies')"],
  ['a parameter of another type', "await freshet.get('/v1/audit', { query: { limit: 'ten' } })"],
  ['a missing parameter', "await freshet.get('/v1/jobs/{id}')"],
  ['a further member of a body', "await freshet.post('/v1/resume', { body: { all: true } })"],
  ['a member that a response lacks', "console.log((await freshet.get('/v1/jobs')).body.job)"],
  ['arithmetic on a decimal', 'console.log((await stats()).body.data.total_market_cap_usd * 2)'],
])('an app with %s is refused by the compiler', async (_, statement) => {
  const folder = await app(
    `import { createClient } from 'freshet/client'
const freshet = createClient({ baseUrl: 'http://127.0.0.1:8787' })
const stats = () => freshet.get('/api/v1/currencies/global-market-stats')
console.log(stats)
${statement}
`,
  )

  expect(await typeErrors(folder, 'bundler')).toMatch(/^src\/app\.ts\(5,\d+\): error TS/)
})
