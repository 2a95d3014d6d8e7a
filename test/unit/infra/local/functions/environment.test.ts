import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { localSecrets, missingSecretNotes } from '#infra/local/data/secrets.ts'
import { functionEnvironment } from '#infra/local/functions/environment.ts'
import { jsonResponse } from '#infra/local/simulated/model/provider.ts'
import { providersToSimulate, simulatedBaseUrls } from '#infra/local/simulated/server.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { pricesJob } from '#test/fakes/jobs/prices.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const simulated = { alpha: () => jsonResponse(200, {}) }
const ALPHA = { name: 'alpha', title: 'Alpha', secret: { parameter: '/keys/alpha', header: 'x-key' } }
const BETA = { name: 'beta', title: 'Beta', secret: { parameter: '/keys/beta', query: 'key' } }

test('a simulation answers for every provider without a configured base URL', () => {
  const settings = { FRESHET_UPSTREAM_BETA_URL: 'https://beta.test' }

  const names = providersToSimulate([ALPHA, BETA], settings, simulated)

  expect(names).toEqual(['alpha'])
  expect(simulatedBaseUrls(names, 'http://127.0.0.1:1')).toEqual({
    FRESHET_UPSTREAM_ALPHA_URL: 'http://127.0.0.1:1/alpha',
  })
})

test('a provider without a simulation fails the start with what to do', () => {
  const ask = () => providersToSimulate([ALPHA, BETA], {}, simulated)

  expect(ask).toThrow('no simulation of beta; set FRESHET_UPSTREAM_BETA_URL, or start with --live')
})

test('secrets come from the file; a simulation gets a dummy even where there is a real one', async () => {
  const file = join(await temporaryDirectory(), 'secrets.json')
  await writeFile(file, '{"/keys/alpha":"real","/keys/beta":"real"}')

  const secrets = await localSecrets(file, [ALPHA, BETA], ['alpha'])

  expect(Object.fromEntries(secrets)).toEqual({
    '/keys/alpha': 'key-of-a-simulated-provider',
    '/keys/beta': 'real',
  })
})

test('without a file there are no secrets, and who needs one is named', async () => {
  const file = join(await temporaryDirectory(), 'secrets.json')

  const secrets = await localSecrets(file, [ALPHA, BETA], ['alpha'])
  const notes = missingSecretNotes([ALPHA, BETA], secrets, file)

  expect(notes).toEqual([`Beta needs a key: put {"/keys/beta": "<key>"} into ${file} and start again`])
})

test.each(['nonsense canary', '["canary"]', '{"a":{"canary":1}}', '{"a":""}', 'null'])(
  'a file of another format is refused without a quote of its content: %s',
  async (content) => {
    const file = join(await temporaryDirectory(), 'secrets.json')
    await writeFile(file, content)

    const reading = localSecrets(file, [], [])

    await expect(reading).rejects.toMatchObject({
      name: 'StartError',
      message: `${file}: expected a JSON object of parameter names to secrets, got something else`,
    })
  },
)

test('a function gets its endpoints, names and the settings that it reads', () => {
  const jobs = ['a', 'b'].map((id) => resolveJob(pricesJob('items', { id: `job-${id}` }), {}))
  const changed = new Map([
    ['job-a', { A_SETTING: '1' }],
    ['job-b', { B_SETTING: '2' }],
  ])
  const surroundings = {
    aws: {
      AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_EVENTBRIDGE: 'http://127.0.0.1:2',
    },
    version: '1.2.3',
    contact: 'me',
    corsOrigins: ['https://a.example', 'https://b.example'],
    simulated: ['prices'],
  }

  const [a, operations, reads] = ['job-job-a', 'operations', 'reads'].map((name) =>
    functionEnvironment(name, { jobs, changed }, surroundings),
  )

  expect(a).toMatchObject({
    AWS_LAMBDA_FUNCTION_NAME: 'job-job-a',
    AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:1',
    FRESHET_TABLE: 'freshet',
    FRESHET_BUS: 'freshet',
    FRESHET_VERSION: '1.2.3',
    FRESHET_AWS_TIMEOUT_MS: '6000',
    FRESHET_CONTACT: 'me',
    A_SETTING: '1',
  })
  expect(a).not.toHaveProperty('B_SETTING')
  expect(a).not.toHaveProperty('FRESHET_CORS_ORIGINS')
  expect(reads).toHaveProperty('FRESHET_CORS_ORIGINS', 'https://a.example,https://b.example')
  expect(operations).toMatchObject({
    A_SETTING: '1',
    B_SETTING: '2',
    FRESHET_FAILED_RUNS_QUEUE: 'http://127.0.0.1:2/000000000000/failed-runs',
  })
  expect(reads).not.toHaveProperty('FRESHET_FAILED_RUNS_QUEUE')
})
