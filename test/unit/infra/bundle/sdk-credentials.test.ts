import { expect, test, vi } from 'vitest'
import { defaultProvider } from '#infra/bundle/sdk-credentials.ts'

test('credentials come from the environment, the session token where there is one', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'id')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'key')
  vi.stubEnv('AWS_SESSION_TOKEN', '')
  const provide = defaultProvider()

  const plain = await provide()
  vi.stubEnv('AWS_SESSION_TOKEN', 'token')
  const session = await provide()

  expect(plain).toEqual({ accessKeyId: 'id', secretAccessKey: 'key' })
  expect(session).toEqual({ accessKeyId: 'id', secretAccessKey: 'key', sessionToken: 'token' })
})

test.each(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])('what is missing is named: %s', async (name) => {
  vi.stubEnv(name, undefined)

  const provided = defaultProvider()()

  await expect(provided).rejects.toThrow(`got no ${name}`)
})
