import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connectionOf } from '#infra/cli/connection.ts'

const REMOTE = 'https://abc.execute-api.eu-central-1.amazonaws.com'
const AWS = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' }
const NO_PROFILES = { AWS_SHARED_CREDENTIALS_FILE: '/none', AWS_CONFIG_FILE: '/none' }
const target = (url: string) => new URL('/v1/jobs', url)

async function dataDirectory(token?: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'freshet-cli-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  if (token !== undefined) await writeFile(join(directory, 'operator-token'), `${token}\n`)
  return directory
}

describe('the connection of the command line', () => {
  it('is the system on this machine with its own token, unless another one is named', async () => {
    const FRESHET_DATA = await dataDirectory('local-token')

    const local = await connectionOf({}, { FRESHET_DATA, PORT: '9000' })
    const remote = await connectionOf({}, { FRESHET_DATA, FRESHET_URL: REMOTE, ...NO_PROFILES })

    expect(local.url.href).toBe('http://127.0.0.1:9000/')
    expect(await local.sign?.(target(local.url.href), { method: 'GET', body: '' })).toEqual({
      authorization: 'Bearer local-token',
    })
    expect([remote.url.origin, remote.sign]).toEqual([REMOTE, undefined])
  })

  it('signs with the AWS credentials of the environment, for the region of the URL', async () => {
    const { sign } = await connectionOf({ url: REMOTE }, AWS)

    const headers = await sign?.(target(REMOTE), { method: 'GET', body: '' })

    expect(headers?.['authorization']).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIA\/\d{8}\/eu-central-1\/execute-api\//,
    )
  })

  it('prefers a token to AWS credentials', async () => {
    const { sign } = await connectionOf({ url: REMOTE, token: 't' }, AWS)

    expect(await sign?.(target(REMOTE), { method: 'GET', body: '' })).toEqual({ authorization: 'Bearer t' })
  })

  it('says what it expects: a URL, and a region for a domain of its own', async () => {
    await expect(connectionOf({ url: 'nowhere' }, {})).rejects.toThrow('--url: expected a URL')
    await expect(connectionOf({ url: 'https://data.example.org' }, AWS)).rejects.toThrow(
      'expected --region or AWS_REGION, got neither',
    )
  })

  it('without a stored token has no credentials', async () => {
    expect((await connectionOf({}, { FRESHET_DATA: await dataDirectory() })).sign).toBeUndefined()
  })
})
