import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ORIGIN_PATTERN } from '#infra/stages/config.ts'
import type { NamedSetting } from '#shared/declare/system.ts'
import { StartError } from '../host/lifecycle.ts'
import { type Chaos, profiles } from '../simulated/faults/chaos.ts'
import { unknownSettings } from './unknown-settings.ts'

/** An environment as processes are given it. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What the operator of one machine asked for. */
export interface Options {
  readonly help: boolean
  /** Ask the real providers in place of their recorded stand-ins. */
  readonly live: boolean
  /** How the stand-ins fail, if they are to. */
  readonly chaos?: Chaos
  /** 0 takes any free one. */
  readonly port: number
  /** Absolute path of the data directory. */
  readonly data: string
  /** Whom a provider may write to: part of the user agent. */
  readonly contact?: string
  /** Origins whose pages may read. */
  readonly corsOrigins: readonly string[]
  /** Settings of jobs and upstreams, as written. */
  readonly settings: Readonly<Record<string, string>>
  /** Variables of an AWS-compatible endpoint that keeps the table and the secrets in place of the embedded one. */
  readonly endpoint?: Readonly<Record<string, string>>
}

/** What `--help` prints. */
export const USAGE = `npm start [-- --live | --chaos[=<profile>[:<call>]] | --help]

  --live   ask the real providers; by default recorded stand-ins answer
  --chaos  recorded stand-ins answer and fail as a profile says, ${profiles[0].name} if none is named; each start has the same
           faults call by call, from the given call on:
${profiles.map(({ name, about }) => `             ${name.padEnd(6)}  ${about}`).join('\n')}

Environment
  PORT                         8787; 0 takes any free port
  FRESHET_DATA                 .freshet, the directory that keeps the data
  FRESHET_CONTACT              whom a provider may write to: part of the user agent
  FRESHET_CORS_ORIGINS         origins whose pages may read, comma separated
  FRESHET_UPSTREAM_<NAME>_URL  base URLs of a provider, comma separated, https: unless loopback
  AWS_ENDPOINT_URL             an AWS-compatible endpoint for table and secrets, in place of the embedded one
  and the settings of jobs and upstreams:`

/** Names of our own, beside those that are declared. The last one is read by the tests. */
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
  const { live, help, chaos: chaosText } = parseFlags(args)
  const faults = unknownSettings(definedNames(environment), OWN_VARIABLES, declared)
  const { chaos, fault } = readChaos(chaosText, live)
  if (fault !== undefined) faults.push(fault)
  const { PORT: port = '8787', FRESHET_DATA: data = '.freshet', FRESHET_CONTACT: contact } = environment
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    faults.push(`PORT: expected a whole number from 0 to 65535, got ${JSON.stringify(port)}`)
  }
  if (data.trim() === '') faults.push(`FRESHET_DATA: expected a directory, got ${JSON.stringify(data)}`)
  if (contact !== undefined && !/^[\x21-\x7e]{3,200}$/.test(contact)) {
    faults.push(
      `FRESHET_CONTACT: expected an address or URL, 3 to 200 ASCII characters without spaces; got ${JSON.stringify(contact)}`,
    )
  }
  const corsOrigins = environment['FRESHET_CORS_ORIGINS']?.split(',') ?? []
  for (const origin of corsOrigins) {
    if (ORIGIN_PATTERN.test(origin)) continue
    faults.push(
      `FRESHET_CORS_ORIGINS: expected origins such as https://example.org, got ${JSON.stringify(origin)}`,
    )
  }
  if (faults.length > 0) throw new StartError(faults)
  const endpoint = pick(environment, ENDPOINT_VARIABLES)
  return {
    help,
    live,
    ...(chaos === undefined ? {} : { chaos }),
    port: Number(port),
    data: resolve(data),
    ...(contact === undefined ? {} : { contact }),
    corsOrigins,
    settings: pick(
      environment,
      declared.map(({ name }) => name),
    ),
    ...(Object.keys(endpoint).length === 0
      ? {}
      : { endpoint: { ...endpoint, ...pick(environment, ACCESS_VARIABLES) } }),
  }
}

/** Alone, `--chaos` means the first profile: a value is never the next argument. */
function parseFlags(args: readonly string[]): { live: boolean; help: boolean; chaos?: string } {
  const written = args.map((arg) => (arg === '--chaos' ? `--chaos=${profiles[0].name}` : arg))
  try {
    const options = {
      live: { type: 'boolean', default: false },
      chaos: { type: 'string' },
      help: { type: 'boolean', default: false },
    } as const
    return parseArgs({ args: written, options, strict: true, allowPositionals: false }).values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const [reason] = error.message.split('. ')
    throw new StartError([`${reason}; known: --live, --chaos, --help`], { cause: error })
  }
}

function definedNames(environment: Environment): string[] {
  return Object.keys(environment).filter((name) => environment[name] !== undefined)
}

function pick(environment: Environment, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const text = environment[name]
      return text === undefined ? [] : [[name, text] as const]
    }),
  )
}

/** What `--chaos` says, or why it cannot be so in one line; neither when it is not there. */
export interface ChaosOption {
  readonly chaos?: Chaos
  readonly fault?: string
}

/**
 * Reads `--chaos=<profile>[:<call>]`.
 *
 * @param text - `<profile>[:<call>]`; calls are counted from 1
 * @param live - whether real providers are to be asked: nothing is ever inflicted on them
 */
export function readChaos(text: string | undefined, live: boolean): ChaosOption {
  if (text === undefined) return {}
  if (live) return { fault: '--chaos is inflicted on stand-ins only: expected it without --live, got both' }
  const [, name, call = '1'] = /^(.*?)(?::([1-9]\d{0,8}))?$/s.exec(text) ?? []
  const profile = profiles.find((known) => known.name === name)
  if (profile) return { chaos: { profile, firstCall: Number(call) } }
  const known = profiles.map((one) => one.name).join(', ')
  return {
    fault: `--chaos: expected one of ${known}, with :<call> if not from the first; got ${JSON.stringify(text)}`,
  }
}
