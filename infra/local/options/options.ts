import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ORIGIN_PATTERN } from '#infra/stages/config.ts'
import type { NamedSetting } from '#shared/declare/system.ts'
import { defined } from '#shared/domain/defined.ts'
import { StartError } from '../host/lifecycle.ts'
import { type Chaos, profiles } from '../simulated/faults/chaos.ts'
import { unknownSettings } from './unknown-settings.ts'

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The options of `npm start`: arguments and environment. */
export interface Options {
  readonly help: boolean
  /** Call the real providers instead of the simulated ones. */
  readonly live: boolean
  /** How the simulated providers fail; by default they do not. */
  readonly chaos?: Chaos
  /** The jobs that run; all of them by default. */
  readonly only?: readonly string[]
  /** 0 selects any free port. */
  readonly port: number
  /** Absolute path of the data directory. */
  readonly data: string
  /** Address or URL by which a provider can reach the operator: part of the user agent. */
  readonly contact?: string
  /** Origins of the pages that may read. */
  readonly corsOrigins: readonly string[]
  /** Settings of jobs and upstreams, as text. */
  readonly settings: Readonly<Record<string, string>>
  /** Variables of an AWS-compatible endpoint that replaces the embedded table and secrets. */
  readonly endpoint?: Readonly<Record<string, string>>
}

/** The output of `--help`; the settings follow. */
export const USAGE = `npm start [-- --live | --chaos[=<profile>[:<call>]] | --only=<job>,… | --help]

  --live      call the real providers; by default all data are simulated
  --chaos     the simulated providers fail as a profile describes, ${profiles[0].name} by default; each start repeats the
              same faults call by call, beginning with the fault of <call>:
${profiles.map(({ name, about }) => `             ${name.padEnd(6)}  ${about}`).join('\n')}
  --only      run these jobs, comma separated, and no others: those answer as if they had never run
  --help, -h  print this text

Environment
  PORT                         8787; 0 selects any free port
  FRESHET_DATA                 .freshet, the directory of the data
  FRESHET_CONTACT              address or URL by which a provider can reach you: part of the user agent
  FRESHET_CORS_ORIGINS         origins of the pages that may read, comma separated
  FRESHET_UPSTREAM_<NAME>_URL  base URLs of a provider, comma separated, https: unless loopback
  AWS_ENDPOINT_URL             an AWS-compatible endpoint that replaces the embedded table and secrets
  and the settings of jobs and upstreams:`

/** Variables that are no declared settings. The tests read the last one. */
const OWN_VARIABLES = ['PORT', 'FRESHET_DATA', 'FRESHET_CONTACT', 'FRESHET_CORS_ORIGINS', 'FRESHET_REFERENCE']

const ENDPOINT_VARIABLES = ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_DYNAMODB', 'AWS_ENDPOINT_URL_SSM']
const ACCESS_VARIABLES = ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']

/**
 * Reads arguments and environment.
 *
 * @throws {StartError} with a line for each unknown option, unknown setting and illegal value
 */
export function readOptions(
  args: readonly string[],
  environment: Environment,
  declared: readonly Pick<NamedSetting, 'name' | 'owner'>[],
): Options {
  const { live, help, chaos: chaosText, only } = parseFlags(args)
  const { chaos, fault: chaosFault } = readChaos(chaosText, live)
  const { PORT: port = '8787', FRESHET_DATA: data = '.freshet', FRESHET_CONTACT: contact } = environment
  const corsOrigins = environment['FRESHET_CORS_ORIGINS']?.split(',') ?? []
  const names = Object.keys(environment).filter((name) => environment[name] !== undefined)
  const faults = [
    ...unknownSettings(names, OWN_VARIABLES, declared),
    ...(chaosFault === undefined ? [] : [chaosFault]),
    ...portFaults(port),
    ...(data.trim() === '' ? [`FRESHET_DATA: expected a directory, got ${JSON.stringify(data)}`] : []),
    ...contactFaults(contact),
    ...corsOrigins.flatMap(originFaults),
  ]
  if (faults.length > 0) throw new StartError(faults)
  const endpoint = pick(environment, ENDPOINT_VARIABLES)
  const hasEndpoint = Object.keys(endpoint).length > 0
  return {
    help,
    live,
    port: Number(port),
    data: resolve(data),
    corsOrigins,
    settings: pick(
      environment,
      declared.map(({ name }) => name),
    ),
    ...defined({
      chaos,
      only: only?.split(','),
      contact,
      endpoint: hasEndpoint ? { ...endpoint, ...pick(environment, ACCESS_VARIABLES) } : undefined,
    }),
  }
}

interface Flags {
  readonly live: boolean
  readonly help: boolean
  readonly chaos?: string
  readonly only?: string
}

/** `--chaos` alone means the first profile: its value is never the next argument. */
function parseFlags(args: readonly string[]): Flags {
  const expanded = args.map((arg) => (arg === '--chaos' ? `--chaos=${profiles[0].name}` : arg))
  try {
    const options = {
      live: { type: 'boolean', default: false },
      chaos: { type: 'string' },
      only: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    } as const
    return parseArgs({ args: expanded, options, strict: true, allowPositionals: false }).values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const [reason] = error.message.split('. ')
    throw new StartError([`${reason}; expected --live, --chaos, --only or --help`], { cause: error })
  }
}

function portFaults(text: string): string[] {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return []
  return [`PORT: expected a whole number from 0 to 65535, got ${JSON.stringify(text)}`]
}

function contactFaults(text: string | undefined): string[] {
  if (text === undefined || /^[\x21-\x7e]{3,200}$/.test(text)) return []
  const rule = 'an address or URL, 3 to 200 ASCII characters without spaces'
  return [`FRESHET_CONTACT: expected ${rule}; got ${JSON.stringify(text)}`]
}

function originFaults(text: string): string[] {
  if (ORIGIN_PATTERN.test(text)) return []
  return [`FRESHET_CORS_ORIGINS: expected origins such as https://example.org, got ${JSON.stringify(text)}`]
}

function pick(environment: Environment, names: readonly string[]): Record<string, string> {
  return defined(Object.fromEntries(names.map((name) => [name, environment[name]])))
}

/** The value of `--chaos`, or its fault in one line; neither without the option. */
interface ChaosOption {
  readonly chaos?: Chaos
  readonly fault?: string
}

/**
 * Reads the value of `--chaos`.
 *
 * @param text - `<profile>[:<call>]`; calls are counted from 1
 * @param live - whether real providers are called, which must never receive chaos
 */
function readChaos(text: string | undefined, live: boolean): ChaosOption {
  if (text === undefined) return {}
  if (live) {
    return { fault: '--chaos applies to simulated providers only: expected it without --live, got both' }
  }
  const [, profileName, call = '1'] = /^(.*?)(?::([1-9]\d{0,8}))?$/s.exec(text) ?? []
  const profile = profiles.find(({ name }) => name === profileName)
  if (profile) return { chaos: { profile, firstCall: Number(call) } }
  const names = profiles.map(({ name }) => name).join(', ')
  return {
    fault: `--chaos: expected one of ${names}, optionally with :<call>; got ${JSON.stringify(text)}`,
  }
}
