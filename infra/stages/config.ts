import { readdirSync, readFileSync } from 'node:fs'
import * as z from 'zod'
import { defined } from '#shared/domain/defined.ts'

/** An origin of pages that may read: scheme, host and port, without path or wildcard. */
export const ORIGIN_PATTERN = /^https?:\/\/[^/*,\s]+$/

/** Retention periods of CloudWatch logs; unlimited retention is not allowed. */
export const LOG_RETENTION_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]

/** Accepted tokens: those of one issuer, for one of these audiences. */
const jwtFields = {
  auth: z.literal('jwt'),
  issuer: z.url({ protocol: /^https$/, error: 'expected the https URL of a token issuer' }),
  audience: z.array(z.string().min(1)).min(1, 'expected at least one audience'),
}

const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'expected one scope such as jobs:write')

/** Limits of the gateway, best effort: requests per second, and burst. */
const throttle = z.strictObject({ rate: z.number().positive(), burst: z.int().positive() })

const domain = z.strictObject({
  /** Host name of the API instead of that of `execute-api`. */
  name: z
    .string()
    .regex(/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/, 'expected a host name'),
  /** Its certificate in ACM, in the region of the stage. */
  certificateArn: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]{36}$/,
      'expected the ARN of a certificate in ACM',
    ),
  /**
   * Whether the API answers under its domain only; false by default, because the API cannot be reached until the DNS record of
   * the domain exists.
   */
  disableExecuteApi: z.boolean().optional(),
})

const fields = z.strictObject({
  /** Part of the names of alarms, dashboards and stack. */
  stage: z.string().regex(/^[a-z][a-z0-9]{1,11}$/, 'expected 2 to 12 lower-case letters and digits'),
  /** Region of the deployment; by default that of the command line's credentials. */
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected a region such as eu-central-1')
    .optional(),
  /** Settings of jobs and upstreams that differ from their defaults, as text. */
  settings: z.record(z.string().regex(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/), z.string()),
  /**
   * Access to reads, always throttled: `public` for everyone, `iam` for callers whose policy allows to invoke the routes,
   * `jwt` for callers with a token, with the scope if there is one.
   */
  reads: z.discriminatedUnion('auth', [
    z.strictObject({ auth: z.literal('public'), throttle }),
    z.strictObject({ auth: z.literal('iam'), throttle }),
    z.strictObject({ ...jwtFields, scope: scope.optional(), throttle }),
  ]),
  /** Limits of each public path that submits tasks, beside those of all reads. */
  submissions: z.strictObject({ throttle }).optional(),
  /** Whether people depend on it: findings that are warnings elsewhere are errors then. */
  production: z.boolean().optional(),
  /** Access of operators: by SigV4 and a policy, or by a token with this scope. */
  operators: z.discriminatedUnion('auth', [
    z.strictObject({ auth: z.literal('iam') }),
    z.strictObject({ ...jwtFields, scope }),
  ]),
  /** Origins of pages that may read; without any, no response has a CORS header. */
  corsOrigins: z.array(z.string().regex(ORIGIN_PATTERN, 'expected an origin such as https://example.org')),
  /** Address of alarm mails; its owner has to confirm once. A deployment may give it instead (`-c alarmEmail=…`). */
  alarmEmail: z.email().optional(),
  /** An existing SNS topic that gets the alarms instead of a new one; CloudWatch has to be allowed to publish to it. */
  alarmTopicArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/, 'expected the ARN of an SNS topic')
    .optional(),
  /** Address of the page that `docs/operate.md` is published at; the descriptions of alarms lead there. */
  runbookUrl: z.url({ protocol: /^https$/, error: 'expected an https URL' }).optional(),
  /** Address or URL by which a provider can reach the operator; part of the user agent. */
  contact: z
    .string()
    .regex(/^[\x21-\x7e]{3,200}$/)
    .optional(),
  logRetentionDays: z
    .number()
    .refine((days) => LOG_RETENTION_DAYS.includes(days), `expected one of ${LOG_RETENTION_DAYS.join(', ')}`),
  /** Retains the table when it, or the stack, is deleted. */
  deletionProtection: z.boolean(),
  /** Domain of the API; its DNS record is the operator's. */
  domain: domain.optional(),
  /** A KMS key that encrypts the table instead of the key of AWS, in the account and region of the stage. */
  encryptionKeyArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[0-9a-z-]{1,64}$/, 'expected the ARN of a KMS key')
    .optional(),
  /** Whether Lambda and Step Functions record traces in X-Ray; false by default. */
  tracing: z.boolean().optional(),
  /** A table that was restored from a backup, in the same account and region; the stack uses it instead of its own. */
  restoredTable: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{3,255}$/, 'expected the name of a table')
    .optional(),
  /** Limit of concurrent reads; none by default, because it reduces the unreserved concurrency of the account. */
  reservedConcurrency: z.int().positive().optional(),
  /** Synthesis fails when the monthly cost without reads is above it. */
  monthlyBudgetUsd: z.number().positive(),
})

/** Each region of a global table has its own key, so the template of an encrypted table has to name the region. */
const schema = fields.refine(
  ({ region, encryptionKeyArn }) => encryptionKeyArn === undefined || region !== undefined,
  { path: ['region'], error: 'expected the region of the key (encryptionKeyArn), got none' },
)

/** The configuration of one stage. */
export type StageConfig = Readonly<z.infer<typeof schema>>

/** An unusable stage file: all its faults, each with expected and got. */
export class StageError extends Error {
  override readonly name = 'StageError'
}

const STAGES_FOLDER = new URL('./', import.meta.url)

/** What a deployment may give on its command line, instead of in the stage file. */
export interface StageContext {
  readonly alarmEmail?: string | undefined
}

/**
 * Reads the configuration of a stage from `infra/stages/<stage>.json`.
 *
 * @param context - values that take precedence over those of the file
 * @throws {StageError} for an unknown stage, with the known ones; for an illegal file, with its faults
 */
export function stageConfig(stage: string, context: StageContext = {}): StageConfig {
  const stages = readdirSync(STAGES_FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort()
  if (!stages.includes(stage)) {
    throw new StageError(`expected one of the stages ${stages.join(', ')}; got ${JSON.stringify(stage)}`)
  }
  const content = JSON.parse(readFileSync(new URL(`${stage}.json`, STAGES_FOLDER), 'utf8')) as object
  const config = parseStage({ ...content, ...defined({ ...context }) }, `${stage}.json`)
  if (config.stage !== stage) {
    throw new StageError(`${stage}.json: stage: expected ${stage} as in the file's name, got ${config.stage}`)
  }
  return config
}

/**
 * Checks the content of a stage file. `resolveSystem` checks whether its settings exist.
 *
 * @param file - name of the file for messages
 * @throws {StageError} with all faults
 */
export function parseStage(content: unknown, file: string): StageConfig {
  const parsed = schema.safeParse(content)
  if (parsed.success) return deepFreeze(parsed.data)
  const faults = parsed.error.issues.map(
    ({ path, message }) => `${file}: ${path.join('.') || 'file'}: ${message}`,
  )
  throw new StageError(faults.join('\n'))
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value))
    if (typeof member === 'object' && member !== null) deepFreeze(member)
  return Object.freeze(value)
}
