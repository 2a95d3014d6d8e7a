import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { connectionOf } from '#infra/cli/connection.ts'
import { closeServer, listen, readBody } from '#infra/command/http-server.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 'secret' }
const URL_OF_STACK = 'https://abc.execute-api.eu-west-1.amazonaws.com/'

const stack = (outputs: string) =>
  `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><Outputs>${outputs}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`
const failure = (code: string, message: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`
const DEPLOYED = stack(
  `<member><OutputKey>TableName</OutputKey><OutputValue>a&amp;b</OutputValue></member><member><Description>URL of the API</Description><OutputKey>Url</OutputKey><OutputValue>${URL_OF_STACK}</OutputValue></member>`,
)

/** CloudFormation with one answer; the variables that lead to it. */
async function cloudFormation(status: number, body: string) {
  const requests: { authorization: string; body: string }[] = []
  const server = createServer(async (request, response) => {
    const bytes = await readBody(request, 65_536)
    requests.push({
      authorization: request.headers.authorization ?? '',
      body: bytes?.toString('utf8') ?? '',
    })
    response.writeHead(status, { 'content-type': 'text/xml' })
    response.end(body)
  })
  const AWS_ENDPOINT_URL_CLOUDFORMATION = await listen(server)
  onTestFinished(() => closeServer(server))
  return { requests, env: { AWS_ENDPOINT_URL_CLOUDFORMATION, AWS_REGION: 'eu-west-1' } }
}

/** A profile of this test alone: the SDK reads the environment of the process. */
async function profile(credentials: string, config = '') {
  const directory = await temporaryDirectory()
  const env = {
    AWS_SHARED_CREDENTIALS_FILE: join(directory, 'credentials'),
    AWS_CONFIG_FILE: join(directory, 'config'),
    AWS_PROFILE: 'team',
  }
  await writeFile(env.AWS_SHARED_CREDENTIALS_FILE, credentials)
  await writeFile(env.AWS_CONFIG_FILE, config)
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  return env
}

beforeEach(() => {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION']) vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
})

const keyOf = async ({ url, sign }: Awaited<ReturnType<typeof connectionOf>>) =>
  (await sign?.(url, { method: 'GET', body: '' }))?.['authorization']

describe('the system of a stage', () => {
  it('has the URL of its stack, and requests to it are signed for its region', async () => {
    const { requests, env } = await cloudFormation(200, DEPLOYED)

    const connection = await connectionOf({ stage: 'dev' }, { ...KEYS, ...env })

    expect(connection.url.href).toBe(URL_OF_STACK)
    expect(await keyOf(connection)).toMatch(/Credential=AKIAENV\/\d{8}\/eu-west-1\/execute-api\//)
    expect(requests).toEqual([
      {
        authorization: expect.stringMatching(/Credential=AKIAENV\/\d{8}\/eu-west-1\/cloudformation\//),
        body: 'Action=DescribeStacks&Version=2010-05-15&StackName=Freshet-dev',
      },
    ])
  })

  it('takes keys and region of a profile', async () => {
    const { requests, env } = await cloudFormation(200, DEPLOYED)
    const files = await profile(
      '[team]\naws_access_key_id = AKIATEAM\naws_secret_access_key = s\n',
      '[profile team]\nregion = us-east-2\n',
    )

    await connectionOf({ stage: 'dev' }, { ...env, ...files, AWS_REGION: undefined })

    expect(requests[0]?.authorization).toMatch(/Credential=AKIATEAM\/\d{8}\/us-east-2\//)
  })

  it('takes keys from the process that a profile names', async () => {
    const { requests, env } = await cloudFormation(200, DEPLOYED)
    const json = JSON.stringify({ Version: 1, AccessKeyId: 'AKIAPROCESS', SecretAccessKey: 's' })
    const files = await profile('', `[profile team]\ncredential_process = echo '${json}'\n`)

    await connectionOf({ stage: 'dev' }, { ...env, ...files })

    expect(requests[0]?.authorization).toMatch(/Credential=AKIAPROCESS\//)
  })

  it('is that of FRESHET_STAGE, unless an option or FRESHET_URL names another one', async () => {
    const { env } = await cloudFormation(200, DEPLOYED)
    const all = { ...KEYS, ...env, FRESHET_STAGE: 'dev' }

    const ofStage = await connectionOf({}, all)
    const ofUrl = await connectionOf({ url: 'http://127.0.0.1:9' }, { ...all, FRESHET_DATA: '/none' })
    const ofVariable = await connectionOf({}, { ...all, FRESHET_URL: 'https://x.test' })

    expect([ofStage.url.href, ofUrl.url.href, ofVariable.url.href]).toEqual([
      URL_OF_STACK,
      'http://127.0.0.1:9/',
      'https://x.test/',
    ])
  })

  it.each([
    [
      400,
      failure('ValidationError', 'Stack with id Freshet-dev does not exist'),
      /^the stack Freshet-dev does not exist in eu-west-1$/,
      /^Deploy it .*--region/,
    ],
    [
      403,
      failure('ExpiredToken', 'The security token included in the request is expired'),
      /ExpiredToken/,
      /sign in again/,
    ],
    [
      403,
      failure('InvalidClientTokenId', 'The security token included in the request is invalid.'),
      /InvalidClientTokenId/,
      /does not accept these credentials/,
    ],
    [
      403,
      failure('AccessDenied', 'User is not authorized to perform: cloudformation:DescribeStacks'),
      /AccessDenied/,
      /Allow cloudformation:DescribeStacks/,
    ],
    [200, stack(''), /^the stack Freshet-dev has no output Url$/, /Its deployment has not ended/],
    [503, 'Service Unavailable', /in eu-west-1: 503/, /status of AWS/],
  ])(
    'that cannot be read (%d) is one line, and one that says what to do',
    async (status, body, message, hint) => {
      const { env } = await cloudFormation(status, body)

      const connecting = connectionOf({ stage: 'dev' }, { ...KEYS, ...env })

      await expect(connecting).rejects.toMatchObject({
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      })
    },
  )

  it('needs credentials, a region, the name of a stage, and no other system', async () => {
    const none = { AWS_SHARED_CREDENTIALS_FILE: '/none', AWS_CONFIG_FILE: '/none', AWS_REGION: 'eu-west-1' }
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/none')
    vi.stubEnv('AWS_CONFIG_FILE', '/none')

    await expect(connectionOf({ stage: 'dev' }, none)).rejects.toMatchObject({
      message: 'no AWS credentials',
      hint: expect.stringContaining('AWS_PROFILE'),
    })
    await expect(connectionOf({ stage: 'dev' }, { ...KEYS })).rejects.toThrow(
      'expected --region or AWS_REGION, got neither',
    )
    await expect(connectionOf({ stage: '../x' }, none)).rejects.toThrow(
      '--stage: expected the name of a stage',
    )
    await expect(connectionOf({ stage: 'dev', url: 'https://x.test' }, none)).rejects.toThrow('got both')
  })

  it('whose profile is unknown says so, with what to do', async () => {
    const files = await profile('[other]\naws_access_key_id = a\naws_secret_access_key = b\n')

    await expect(connectionOf({ stage: 'dev' }, { ...files, AWS_REGION: 'eu-west-1' })).rejects.toMatchObject(
      {
        message: expect.stringMatching(/^no AWS credentials: /),
        hint: expect.stringContaining('aws sso login'),
      },
    )
  })

  it('in a region that does not exist does not answer', async () => {
    const AWS_ENDPOINT_URL_CLOUDFORMATION = 'http://127.0.0.1:9'

    await expect(
      connectionOf({ stage: 'dev', region: 'eu-moon-1' }, { ...KEYS, AWS_ENDPOINT_URL_CLOUDFORMATION }),
    ).rejects.toMatchObject({ hint: expect.stringContaining('that the region exists') })
  })
})
