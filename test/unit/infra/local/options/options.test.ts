import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { StartError } from '#infra/local/host/lifecycle.ts'
import { type Environment, readOptions, USAGE } from '#infra/local/options/options.ts'
import { editDistance } from '#infra/local/options/unknown-settings.ts'
import { profiles } from '#infra/local/simulated/faults/chaos.ts'

const DECLARED = [
  { name: 'GLOBAL_STATS_INTERVAL_MIN', owner: 'global-market' },
  { name: 'GLOBAL_STATS_ENABLED', owner: 'global-market' },
  { name: 'COINGECKO_PLAN', owner: 'coingecko' },
  { name: 'COINGECKO_KEY_PARAMETER', owner: 'coingecko' },
  { name: 'FRESHET_UPSTREAM_COINGECKO_URL', owner: 'coingecko' },
]

const read = (args: string[], environment: Environment = {}) => readOptions(args, environment, DECLARED)

function refusal(args: string[], environment: Environment = {}): readonly string[] {
  try {
    return [`accepted ${JSON.stringify(read(args, environment))}`]
  } catch (error) {
    if (error instanceof StartError) return error.lines
    throw error
  }
}

test('without arguments the port is 8787, the data are in .freshet and all providers are simulated', () => {
  const options = read([], { HOME: '/home/user', AWS_REGION: 'us-east-1' })

  expect(options).toEqual({
    help: false,
    live: false,
    port: 8787,
    data: resolve('.freshet'),
    corsOrigins: [],
    settings: {},
  })
})

test('every option is read', () => {
  const options = read(['--live', '--only=global-market,hama'], {
    PORT: '0',
    FRESHET_DATA: '/var/lib/freshet',
    FRESHET_CONTACT: 'ops@example.test',
    FRESHET_CORS_ORIGINS: 'https://a.example,http://localhost:3000',
    GLOBAL_STATS_INTERVAL_MIN: '5',
    FRESHET_UPSTREAM_COINGECKO_URL: 'http://127.0.0.1:1/x',
  })

  expect(options).toEqual({
    help: false,
    live: true,
    only: ['global-market', 'hama'],
    port: 0,
    data: '/var/lib/freshet',
    contact: 'ops@example.test',
    corsOrigins: ['https://a.example', 'http://localhost:3000'],
    settings: { GLOBAL_STATS_INTERVAL_MIN: '5', FRESHET_UPSTREAM_COINGECKO_URL: 'http://127.0.0.1:1/x' },
  })
})

test.each(['*', 'https://a.example/', 'https://a.example, https://b.example', ''])(
  'pages are allowed by their whole origin, and by nothing looser: %j',
  (text) => {
    const [line = ''] = refusal([], { FRESHET_CORS_ORIGINS: text })

    expect(line).toMatch(/^FRESHET_CORS_ORIGINS: expected origins such as https:\/\/example\.org, got "/)
  },
)

test('an AWS-compatible endpoint brings its region and credentials along', () => {
  const options = read([], {
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_PROFILE: 'mine',
  })

  expect(options.endpoint).toEqual({
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
  })
})

test.each([
  [['--chaos'], 'storm', 1],
  [['--chaos=outage'], 'outage', 1],
  [['--chaos=slow:17'], 'slow', 17],
])('%j is the profile %s from call %d', (args, name, firstCall) => {
  const { chaos, live } = read(args)

  expect(chaos).toEqual({ profile: expect.objectContaining({ name }), firstCall })
  expect(live).toBe(false)
})

test.each(['', 'stormy', 'constructor', 'storm:0', 'storm:-1', 'storm:x', 'storm:1:2', 'storm\n'])(
  'an unknown profile is one line that lists the profiles: %j',
  (text) => {
    const lines = refusal([`--chaos=${text}`])

    expect(lines).toEqual([
      `--chaos: expected one of storm, outage, slow, optionally with :<call>; got ${JSON.stringify(text)}`,
    ])
  },
)

test.each(['--help', '-h'])('%s asks for the usage', (argument) => {
  expect(read([argument]).help).toBe(true)
})

test('chaos with real providers is one line', () => {
  const lines = refusal(['--live', '--chaos'])

  expect(lines).toEqual(['--chaos applies to simulated providers only: expected it without --live, got both'])
})

test('help names every profile with what it does', () => {
  for (const { name, about } of profiles) {
    expect(USAGE).toMatch(new RegExp(`^ +${name} +${about}$`, 'm'))
  }
})

test.each([
  ['--liv', "Unknown option '--liv'; expected --live, --chaos, --only or --help"],
  ['-x', "Unknown option '-x'; expected --live, --chaos, --only or --help"],
  [
    'live',
    expect.stringMatching(/^Unexpected argument 'live'.*; expected --live, --chaos, --only or --help$/),
  ],
  ['--live=yes', expect.stringMatching(/--live.*; expected --live, --chaos, --only or --help$/)],
])('an unknown argument is one line: %s', (argument, line) => {
  const lines = refusal([argument])

  expect(lines).toEqual([line])
})

test.each([
  ['GLOBAL_STATS_INTERVL_MIN', '; did you mean GLOBAL_STATS_INTERVAL_MIN?'],
  ['GLOBAL_STATS_TTL', ''],
  ['COINGEKO_PLAN', '; did you mean COINGECKO_PLAN?'],
  ['FRESHET_DTA', '; did you mean FRESHET_DATA?'],
  ['FRESHET_UPSTREAM_COINGEKCO_URL', '; did you mean FRESHET_UPSTREAM_COINGECKO_URL?'],
  ['FRESHET_ANYTHING_ELSE', ''],
])('an unknown setting is one line: %s', (name, hint) => {
  const lines = refusal([], { [name]: '1' })

  expect(lines).toEqual([`unknown setting ${name}${hint}`])
})

test.each(['PORTS', 'POST', 'COINGECKO_SHOP', 'GLOBAL_ECONOMY', 'AWS_REGION', 'FRESHET_REFERENCE', 'STATS'])(
  'a variable of another program is ignored: %s',
  (name) => {
    const options = read([], { [name]: 'value' })

    expect(options.settings).toEqual({})
  },
)

test.each([
  [{ PORT: '65536' }, 'PORT: expected a whole number from 0 to 65535, got "65536"'],
  [{ PORT: '' }, 'PORT: expected a whole number from 0 to 65535, got ""'],
  [{ PORT: '80a' }, 'PORT: expected a whole number from 0 to 65535, got "80a"'],
  [{ FRESHET_DATA: ' ' }, 'FRESHET_DATA: expected a directory, got " "'],
  [
    { FRESHET_CONTACT: 'a\nb' },
    'FRESHET_CONTACT: expected an address or URL, 3 to 200 ASCII characters without spaces; got "a\\nb"',
  ],
])('an illegal value is one line with name, expected and got: %j', (environment, line) => {
  const lines = refusal([], environment as Environment)

  expect(lines).toEqual([line])
})

test('all faults are reported together', () => {
  const lines = refusal(['--chaos=no'], { PORT: 'x', FRESHET_DATA: '', FRESHET_NEW: '1' })

  expect(lines).toHaveLength(4)
})

test.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['abc', '', 3],
  ['kitten', 'sitting', 3],
  ['INTERVL', 'INTERVAL', 1],
])('the distance of %j and %j is %d', (a, b, distance) => {
  expect([editDistance(a, b), editDistance(b, a)]).toEqual([distance, distance])
})
