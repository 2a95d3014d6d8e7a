import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, type OnTestFinishedHandler, test } from 'vitest'
import { callApi } from '#infra/cli/api.ts'
import type { Connection } from '#infra/cli/connection.ts'

type OnTestFinished = (clear: OnTestFinishedHandler) => void

test.for([
  'http://other.test/v1/jobs',
  '//other.test/v1/jobs',
  '@other.test/v1/jobs',
  '.other.test',
  'health',
])('a credential stays with its system: %s is no path of another one', async (path, { onTestFinished }) => {
  const { connection, signed } = await system('/', onTestFinished)

  await callApi(connection, 'GET', path).catch((error: unknown) => {
    expect(error).toMatchObject({ message: `expected a path such as /health, got ${path}`, exitCode: 2 })
  })

  expect(signed.filter((host) => host !== connection.url.host)).toEqual([])
})

test('a path is below that of the URL of the system', async ({ onTestFinished }) => {
  const { connection } = await system('/stage', onTestFinished)

  expect((await callApi(connection, 'GET', '/health')).body).toBe('/stage/health')
})

/** A system that answers with the path of the request; `signed`: the hosts for which credentials were made. */
async function system(path: string, onTestFinished: OnTestFinished) {
  const server = createServer((request, response) => response.end(request.url))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
  })
  const signed: string[] = []
  const { port } = server.address() as AddressInfo
  const connection: Connection = {
    url: new URL(path, `http://127.0.0.1:${port}`),
    signedBy: 'token',
    sign: async (url) => {
      signed.push(url.host)
      return { authorization: 'Bearer secret' }
    },
  }
  return { connection, signed }
}
