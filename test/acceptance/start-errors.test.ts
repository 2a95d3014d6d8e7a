import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDataDirectory } from '#infra/local/data/data-directory.ts'
import { baseUrlSetting } from '#shared/declare/upstream.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { type LocalStart, start } from '#test/support/process/local-process.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

/** A directory that has been used and given back. */
async function used(): Promise<string> {
  const data = await temporaryDirectory()
  const { close } = await openDataDirectory(data, 'simulated')
  await close()
  return data
}

async function refusal(started: LocalStart): Promise<string> {
  expect(await started.ended).toBe(1)
  return started.printed()
}

test.each([
  ['CURRENT', 'its pointer'],
  ['MANIFEST', 'its manifest'],
])('a table with damage to %s is refused in one line and left as it is', async (name) => {
  const data = await used()
  const names = await readdir(join(data, 'simulated'))
  const file = join(data, 'simulated', names.find((one) => one.startsWith(name)) ?? '')
  await writeFile(file, 'garbage')

  const message = await refusal(start({ FRESHET_DATA: data }))

  expect(message).toMatch(
    /^Freshet: .+ is damaged \(.+\); choose another FRESHET_DATA, or delete it to start with an empty one\n$/,
  )
  expect(message).toContain(data)
  expect(await readdir(join(data, 'simulated'))).toEqual(expect.arrayContaining(names))
  expect(await readFile(file, 'utf8')).toBe('garbage')
})

test.each([
  ['freshet.json', '{"format":2}', /: expected format 1, got format 2; choose another FRESHET_DATA, or /],
  ['secrets.json', '{"key": canary', /: expected a JSON object of parameter names to secrets, got something/],
])('a faulty %s is refused in one line that does not quote it', async (name, text, why) => {
  const data = await used()
  await writeFile(join(data, name), text)

  const message = await refusal(start({ FRESHET_DATA: data }))

  expect(message).toMatch(why)
  expect(message.startsWith(`Freshet: ${join(data, name)}`)).toBe(true)
  expect(message.trimEnd().split('\n')).toHaveLength(1)
  expect(message).not.toContain('canary')
})

test('unknown options and arguments are refused in one line, before anything is written', async () => {
  const data = await temporaryDirectory()

  const option = start({ FRESHET_DATA: data }, { args: ['--lvie'] })
  const argument = start({ FRESHET_DATA: data }, { args: ['live'] })

  expect(await refusal(option)).toMatch(
    /^Freshet: .*'--lvie'.*; expected --live, --chaos, --only or --help\n$/,
  )
  expect(await refusal(argument)).toMatch(
    /^Freshet: .*'live'.*; expected --live, --chaos, --only or --help\n$/,
  )
  expect(await readdir(data)).toEqual([])
})

test('a job that does not exist is refused in one line, before anything is written', async () => {
  const data = await temporaryDirectory()

  const message = await refusal(start({ FRESHET_DATA: data }, { only: ['global-market', 'hamma'] }))

  expect(message).toMatch(/^Freshet: --only: expected jobs among .*hama, .*; got "hamma"\n$/)
  expect(await readdir(data)).toEqual([])
})

test('chaos for real providers, or for none, is refused in one line', async () => {
  const data = await temporaryDirectory()
  const urls = upstreams.map(({ name }) => [baseUrlSetting(name), 'http://127.0.0.1:1'])
  const own = { FRESHET_DATA: data, ...Object.fromEntries(urls) }

  const live = start({ FRESHET_DATA: data }, { args: ['--live', '--chaos'] })
  const allReal = start(own, { args: ['--chaos'] })

  expect(await refusal(live)).toBe(
    'Freshet: --chaos applies to simulated providers only: expected it without --live, got both\n',
  )
  expect(await refusal(allReal)).toBe(
    'Freshet: --chaos applies to simulated providers only: expected one, got a base URL for every provider\n',
  )
  expect(await readdir(data)).toEqual([])
})

test('unusable addresses are refused in one line each', async () => {
  const data = await temporaryDirectory()

  const port = start({ FRESHET_DATA: data, PORT: '8o87' })
  const upstream = start({ FRESHET_DATA: data, FRESHET_UPSTREAM_COINGECKO_URL: 'http://example.com' })
  const stranger = start({ FRESHET_DATA: data, FRESHET_UPSTREAM_COINGEKO_URL: 'https://example.com' })

  expect(await refusal(port)).toBe('Freshet: PORT: expected a whole number from 0 to 65535, got "8o87"\n')
  expect(await refusal(upstream)).toMatch(/^Freshet: FRESHET_UPSTREAM_COINGECKO_URL: .*http:.*\n$/)
  expect(await refusal(stranger)).toBe(
    'Freshet: unknown setting FRESHET_UPSTREAM_COINGEKO_URL; did you mean FRESHET_UPSTREAM_COINGECKO_URL?\n',
  )
  expect(await readdir(data)).toEqual([])
})

test('settings that break the promise of a job are refused in one line, before anything is written', async () => {
  const data = await temporaryDirectory()

  const freshness = start({ FRESHET_DATA: data, GLOBAL_STATS_CACHE_TTL: '300' })
  const quota = start({ FRESHET_DATA: data, GLOBAL_STATS_INTERVAL_MIN: '1' })

  expect(await refusal(freshness)).toBe(
    'Freshet: error freshness global-market: expected data to stay fresh for at least 750 s (600 interval + 60 spread + ' +
      '90 deadline), got 300 s; the smallest legal GLOBAL_STATS_CACHE_TTL is 750 s\n',
  )
  expect(await refusal(quota)).toMatch(/^Freshet: error quota coingecko: expected at most 5 calls .*\n$/)
  expect(await readdir(data)).toEqual([])
})

test('a key that is needed and not named is refused in one line', async () => {
  const data = await temporaryDirectory()

  const message = await refusal(start({ FRESHET_DATA: data, COINGECKO_PLAN: 'demo' }))

  expect(message).toBe(
    'Freshet: COINGECKO_KEY_PARAMETER: expected the name of a secret, because COINGECKO_PLAN is demo; got nothing\n',
  )
})
