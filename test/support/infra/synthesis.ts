import { readFileSync } from 'node:fs'
import { App, Tags } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { type CodeOf, FreshetStack } from '#infra/stack.ts'
import { parseStage, type StageConfig } from '#infra/stages/config.ts'
import type { JobDeclaration } from '#shared/declare/job.ts'
import { upstreams } from '#shared/upstreams/index.ts'

/** A stage file as small as it can be, with what a test changes. */
export function testStage(changes: Record<string, unknown> = {}): StageConfig {
  const content = {
    stage: 'test',
    settings: {},
    reads: { auth: 'public', throttle: { rate: 10, burst: 20 } },
    operators: { auth: 'iam' },
    corsOrigins: [],
    logRetentionDays: 14,
    deletionProtection: false,
    monthlyBudgetUsd: 28,
    ...changes,
  }
  return parseStage(content, 'test.json')
}

/** One resource of a template; properties as they stand there. */
export interface Resource {
  readonly id: string
  // biome-ignore lint/suspicious/noExplicitAny: a template is JSON of every shape
  readonly properties: any
  readonly Type: string
  readonly DeletionPolicy?: string
  readonly DependsOn?: readonly string[]
}

interface SynthesisOptions {
  readonly config?: StageConfig
  /** A fixed list, so that a new job breaks no test. */
  readonly jobs?: readonly JobDeclaration[]
  readonly codeOf?: CodeOf
  /**
   * Whether the CDK validates the template by its default rules and throws when one is broken, as it does on the command
   * line. That takes most of the time of a synthesis; by default it does not.
   */
  readonly validates?: boolean
  readonly version?: string
  /** Further tags, as a deployment may add them. */
  readonly tags?: Readonly<Record<string, string>>
}

/** Synthesizes a stage as the command line does, without bundles. */
export function synthesize({
  config = testStage(),
  jobs = [globalMarket],
  codeOf = inlineCode,
  validates = false,
  version = '1.2.3',
  tags = {},
}: SynthesisOptions = {}) {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: Record<string, unknown> }
  const app = new App({ context, builtinCloudFormationValidation: validates })
  const stack = new FreshetStack(app, 'Freshet-test', {
    config,
    declarations: { jobs, upstreams },
    codeOf,
    version,
    ...(config.region === undefined ? {} : { env: { region: config.region } }),
  })
  for (const [name, value] of Object.entries(tags)) Tags.of(app).add(name, value)
  const template = Template.fromStack(stack).toJSON() as {
    Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>
    Outputs: Record<string, { Value: unknown }>
  }
  const resources = Object.entries(template.Resources).map(
    ([id, { Properties, ...rest }]): Resource => ({ id, properties: Properties, ...rest }),
  )
  return {
    app,
    stack,
    template,
    resources,
    ofType: (type: string) => resources.filter(({ Type }) => Type === type),
    /** The functions by the name of their code. */
    functions: (name: string) =>
      resources.filter(
        ({ Type, properties }) =>
          Type === 'AWS::Lambda::Function' && properties.Code.ZipFile?.includes(` ${name} `),
      ),
  }
}

const NAME_PREFIX = 'freshet-<AWS::Region>-'

/** The name of an alarm or a dashboard after its first part, which product and region make: `test-api-errors`. */
export function nameInStage({ AlarmName, DashboardName }: Resource['properties']): string {
  const name = flattenIntrinsics(AlarmName ?? DashboardName)
  if (!name.startsWith(NAME_PREFIX)) throw new Error(`expected a name with ${NAME_PREFIX}, got ${name}`)
  return name.slice(NAME_PREFIX.length)
}

/** Text with what only a deployment knows in angle brackets: `arn:<AWS::Partition>:...`. */
export function flattenIntrinsics(value: unknown): string {
  return typeof value === 'string' ? value : intrinsicText(value)
}

function intrinsicText(value: unknown): string {
  const intrinsic = value as { Ref?: string; 'Fn::Join'?: [string, unknown[]]; 'Fn::GetAtt'?: string[] }
  if (intrinsic.Ref !== undefined) return `<${intrinsic.Ref}>`
  if (intrinsic['Fn::Join'])
    return intrinsic['Fn::Join'][1].map(flattenIntrinsics).join(intrinsic['Fn::Join'][0])
  if (intrinsic['Fn::GetAtt']) return `<${intrinsic['Fn::GetAtt'].join('.')}>`
  return JSON.stringify(value)
}

function inlineCode(name: string): Code {
  return Code.fromInline(`/* ${name} */ exports.handler = async () => ({})`)
}
