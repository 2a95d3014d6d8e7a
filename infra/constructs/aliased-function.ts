import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  Architecture,
  type Code,
  type IFunction,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { DeliveryPolicy } from '#infra/definitions/delivery-policy.ts'
import type { StageConfig } from '#infra/stages/config.ts'
import { defined } from '#shared/domain/defined.ts'
import { acknowledge } from './acknowledgements.ts'
import type { Foundation } from './foundation.ts'

/** What every function of a stage is made from. */
export interface FunctionProps {
  readonly code: Code
  /** Settings that the stage changes. */
  readonly settings: Readonly<Record<string, string>>
  readonly foundation: Foundation
}

interface AliasedFunctionProps extends FunctionProps {
  readonly about: string
  /** 512 by default. */
  readonly memoryMb?: number
  readonly timeoutMs: number
  /** Variables beside those of the foundation and the settings. */
  readonly variables?: Readonly<Record<string, string>>
  /** Whether stack traces show the source, which costs time at a cold start; true by default. */
  readonly hasSourceMaps?: boolean
  readonly permissions: readonly PolicyStatement[]
  readonly reservedConcurrency?: number | undefined
}

/**
 * What a caller of an encrypted table may do with its key.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
const TABLE_KEY_ACTIONS = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
]

/** Enough for parsing and rendering; most of a function's time is waiting for the network. */
export const DEFAULT_MEMORY_MB = 512

/**
 * A function as all of this stack: its own role without managed policies, its own log with a retention, and the alias
 * `live`, which all triggers invoke.
 */
export class AliasedFunction extends Construct {
  readonly function: LambdaFunction
  readonly alias: IFunction
  readonly role: Role

  constructor(scope: Construct, id: string, props: AliasedFunctionProps) {
    super(scope, id)
    const { foundation, hasSourceMaps = true } = props
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
    for (const permission of props.permissions) this.role.addToPolicy(permission)
    this.#allowKey(foundation.config)
    const logGroup = new LogGroup(this, 'Log', {
      retention: foundation.config.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    logGroup.grantWrite(this.role)
    this.function = new LambdaFunction(this, 'Function', {
      description: props.about,
      architecture: Architecture.ARM_64,
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: props.code,
      memorySize: props.memoryMb ?? DEFAULT_MEMORY_MB,
      timeout: Duration.millis(props.timeoutMs),
      environment: {
        ...foundation.environment,
        ...(hasSourceMaps ? { NODE_OPTIONS: '--enable-source-maps' } : {}),
        ...props.variables,
        ...props.settings,
      },
      role: this.role,
      logGroup,
      tracing: foundation.config.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      // the alias can return to an earlier version
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
      ...defined({ reservedConcurrentExecutions: props.reservedConcurrency }),
    })
    this.alias = this.function.addAlias('live') as IFunction
    this.#acknowledgeTracing(foundation.config)
  }

  /** With a key of the stage, the table is encrypted for its callers: each has to be allowed to use the key, for the table only. */
  #allowKey({ encryptionKeyArn }: Pick<StageConfig, 'encryptionKeyArn'>): void {
    if (encryptionKeyArn === undefined) return
    const { region } = Stack.of(this)
    this.role.addToPolicy(
      new PolicyStatement({
        actions: TABLE_KEY_ACTIONS,
        resources: [encryptionKeyArn],
        conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${region}.${Aws.URL_SUFFIX}` } },
      }),
    )
  }

  #acknowledgeTracing({ tracing }: Pick<StageConfig, 'tracing'>): void {
    if (tracing) {
      const reason = 'X-Ray has no resources that its permission could be limited to'
      acknowledge(this.role, 'AwsSolutions-IAM5[Resource::*]', reason)
      return
    }
    acknowledge(
      this.function,
      'Serverless-LambdaTracing',
      'off: a run is one log line under one id, traces cost money per call, and their permission cannot be limited to a resource',
    )
  }

  /** Accepts that there is no dead-letter queue. @param invoker - the only, synchronous, invoker */
  acknowledgeSynchronous(invoker: string): void {
    acknowledge(this.function, 'Serverless-LambdaDLQ', `only invoked synchronously, by ${invoker}`)
  }

  /**
   * Sets retries and the on-failure destination of asynchronous invocations. On the alias: a configuration of the
   * function applies to `$LATEST` only, which nothing invokes.
   */
  configureAsyncInvoke({ retries, maxAgeMs }: DeliveryPolicy, failures: Queue): void {
    this.role.addToPolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [failures.queueArn] }),
    )
    this.alias.configureAsyncInvoke({
      retryAttempts: retries,
      maxEventAge: Duration.millis(maxAgeMs),
      onFailure: { bind: () => ({ destination: failures.queueArn }) },
    })
    const reason = 'failed asynchronous invocations go to the on-failure destination of the alias'
    acknowledge(this.function, 'Serverless-LambdaDLQ', reason)
  }
}
