import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import { expect, onTestFinished, test, vi } from 'vitest'

test('a table that accepts calls and never answers is one that cannot be reached: 503 within seconds (F58)', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1')
  onTestFinished(() => server.closeAllConnections())
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`)
  for (const name of ['TABLE', 'BUS', 'STAGE', 'VERSION']) vi.stubEnv(`FRESHET_${name}`, 'any')
  const { handler } = await import('#functions/reads/handler.ts')
  const event = {
    requestContext: { http: { method: 'GET' }, requestId: 'r' },
    rawPath: '/api/v1/currencies/global-market-stats',
    headers: {},
  } as unknown as APIGatewayProxyEventV2
  const started = performance.now()

  const answer = await handler(event, {} as Context)

  expect(answer).toMatchObject({ statusCode: 503 })
  expect(performance.now() - started).toBeLessThan(8_000)
}, 12_000)
