import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { operatorCredentials } from '#infra/cli/aws-credentials.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const START = Date.UTC(2026, 10, 29)

/** A profile whose keys a process prints; `print` changes them. */
async function processProfile() {
  const directory = await temporaryDirectory()
  const keys = join(directory, 'keys.json')
  const env = {
    AWS_PROFILE: 'team',
    AWS_CONFIG_FILE: join(directory, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(directory, 'credentials'),
  }
  await writeFile(env.AWS_CONFIG_FILE, `[profile team]\ncredential_process = cat ${keys}\n`)
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  const print = (id: string, expiresAt?: number) =>
    writeFile(
      keys,
      JSON.stringify({
        Version: 1,
        AccessKeyId: id,
        SecretAccessKey: 's',
        ...(expiresAt === undefined ? {} : { Expiration: new Date(expiresAt).toISOString() }),
      }),
    )
  return { env, print }
}

beforeEach(() => {
  vi.useFakeTimers({ now: START, toFake: ['Date'] })
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the credentials of an operator', () => {
  it('are renewed once they have expired', async () => {
    const { env, print } = await processProfile()
    const credentials = operatorCredentials(env)
    await print('AKIAFIRST', START + 3_600_000)
    const first = await credentials()
    await print('AKIASECOND', START + 7_200_000)
    const same = await credentials()
    vi.setSystemTime(START + 3_600_001)

    const second = await credentials()

    expect([first, same, second].map(({ accessKeyId }) => accessKeyId)).toEqual([
      'AKIAFIRST',
      'AKIAFIRST',
      'AKIASECOND',
    ])
  })

  it('that have no end are read again after a minute', async () => {
    const { env, print } = await processProfile()
    const credentials = operatorCredentials(env)
    await print('AKIAFIRST')
    const first = await credentials()
    await print('AKIASECOND')
    vi.setSystemTime(START + 59_999)
    const same = await credentials()
    vi.setSystemTime(START + 60_000)

    const second = await credentials()

    expect([first, same, second].map(({ accessKeyId }) => accessKeyId)).toEqual([
      'AKIAFIRST',
      'AKIAFIRST',
      'AKIASECOND',
    ])
  })

  it('are asked for again after a failure', async () => {
    const { env, print } = await processProfile()
    const credentials = operatorCredentials(env)

    await expect(credentials()).rejects.toMatchObject({
      message: expect.stringMatching(/^no AWS credentials: /),
    })
    await print('AKIAFIRST')

    expect(await credentials()).toMatchObject({ accessKeyId: 'AKIAFIRST' })
  })
})
