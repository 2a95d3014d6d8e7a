import { readdirSync, readFileSync } from 'node:fs'
import * as z from 'zod'

/** An origin whose pages may read: scheme, host and port, no path and no pattern. */
export const ORIGIN_PATTERN = /^https?:\/\/[^/*,\s]+$/

/** Days that CloudWatch can keep a log; for ever is not one of them. */
export const LOG_RETENTION_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]

/** Whose tokens are believed: those of one issuer, for one of these audiences. */
const jwtFields = {
  auth: z.literal('jwt'),
  issuer: z.url({ protocol: /^https$/, error: 'expected the https address of an issuer of tokens' }),
  audience: z.array(z.string().min(1)).min(1, 'expected at least one audience'),
}

const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'expected one scope such as jobs:write')

/** Best effort at the gateway: requests a second, and how many at once. */
const throttle = z.strictObject({ rate: z.number().positive(), burst: z.int().positive() })

const schema = z.strictObject({
  /** Part of every name that people see: alarms, dashboard, stack. */
  stage: z.string().regex(/^[a-z][a-z0-9]{1,11}$/, 'expected 2 to 12 lower-case letters and digits'),
  /** Where it is deployed; left out: where the command line's credentials point. */
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected a region such as eu-central-1')
    .optional(),
  /** Settings of jobs and upstreams that differ from their defaults, as text. */
  settings: z.record(z.string().regex(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/), z.string()),
  /**
   * Who may read, throttled either way: `public` is the written decision that anybody may, `iam` those whose policy
   * lets them invoke the routes, `jwt` those with a token, which has the scope if one is named.
   */
  reads: z.discriminatedUnion('auth', [
    z.strictObject({ auth: z.literal('public'), throttle }),
    z.strictObject({ auth: z.literal('iam'), throttle }),
    z.strictObject({ ...jwtFields, scope: scope.optional(), throttle }),
  ]),
  /** Who may steer: by SigV4 those whose policy lets them, or those with a token of this scope. */
  operators: z.discriminatedUnion('auth', [
    z.strictObject({ auth: z.literal('iam') }),
    z.strictObject({ ...jwtFields, scope }),
  ]),
  /** Origins whose pages may read; none: no answer carries a CORS header. */
  corsOrigins: z.array(z.string().regex(ORIGIN_PATTERN, 'expected an origin such as https://example.org')),
  /** Who is mailed by alarms; the address has to confirm once. */
  alarmEmail: z.email().optional(),
  /** Whom a provider may write to; part of the user agent. */
  contact: z
    .string()
    .regex(/^[\x21-\x7e]{3,200}$/)
    .optional(),
  logRetentionDays: z
    .number()
    .refine((days) => LOG_RETENTION_DAYS.includes(days), `expected one of ${LOG_RETENTION_DAYS.join(', ')}`),
  /** Keeps the table when it is deleted from the stack, or with it. */
  deletionProtection: z.boolean(),
  /** Cap on concurrent reads. Left out by default: it also takes from what the account has left. */
  reservedConcurrency: z.int().positive().optional(),
  /** Synthesis refuses a system whose fixed cost is above it. */
  monthlyBudgetUsd: z.number().positive(),
})

/** The configuration of one stage. */
export type StageConfig = Readonly<z.infer<typeof schema>>

/** A stage file that cannot be used: every fault of it, with what was expected and what was got. */
export class StageError extends Error {
  override readonly name = 'StageError'
}

const STAGES_FOLDER = new URL('./', import.meta.url)

/**
 * Reads the configuration of a stage from `infra/stages/<stage>.json`.
 *
 * @throws {StageError} for an unknown stage, listing the known ones; for an illegal file, listing its faults
 */
export function stageConfig(stage: string): StageConfig {
  const known = readdirSync(STAGES_FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort()
  if (!known.includes(stage)) {
    throw new StageError(`expected one of the stages ${known.join(', ')}; got ${JSON.stringify(stage)}`)
  }
  const config = parseStage(
    JSON.parse(readFileSync(new URL(`${stage}.json`, STAGES_FOLDER), 'utf8')),
    `${stage}.json`,
  )
  if (config.stage !== stage) {
    throw new StageError(`${stage}.json: stage: expected ${stage} as in the file's name, got ${config.stage}`)
  }
  return config
}

/**
 * Checks the content of a stage file. Whether its settings exist is for `resolveSystem` to say.
 *
 * @throws {StageError} naming every fault
 */
export function parseStage(content: unknown, where: string): StageConfig {
  const parsed = schema.safeParse(content)
  if (parsed.success) return deepFreeze(parsed.data)
  const faults = parsed.error.issues.map(
    ({ path, message }) => `${where}: ${path.join('.') || 'file'}: ${message}`,
  )
  throw new StageError(faults.join('\n'))
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value))
    if (typeof member === 'object' && member !== null) deepFreeze(member)
  return Object.freeze(value)
}
