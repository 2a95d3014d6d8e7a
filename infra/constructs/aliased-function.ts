import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  Architecture,
  type Code,
  type IFunction,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { DeliveryPolicy } from '#infra/definitions/delivery-policy.ts'
import type { StageConfig } from '#infra/stages/config.ts'
import { acknowledge } from './acknowledgements.ts'

interface AliasedFunctionProps {
  readonly about: string
  readonly code: Code
  readonly memoryMb: number
  readonly timeoutMs: number
  readonly environment: Readonly<Record<string, string>>
  readonly permissions: readonly PolicyStatement[]
  readonly config: Pick<StageConfig, 'logRetentionDays'>
  readonly reservedConcurrency?: number | undefined
}

/**
 * A function as all of ours are: its own role without managed policies, its own log that ends, and the alias `live`,
 * which is what everything else invokes.
 */
export class AliasedFunction extends Construct {
  readonly function: LambdaFunction
  readonly alias: IFunction
  readonly role: Role

  constructor(scope: Construct, id: string, props: AliasedFunctionProps) {
    super(scope, id)
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
    for (const permission of props.permissions) this.role.addToPolicy(permission)
    const logGroup = new LogGroup(this, 'Log', {
      retention: props.config.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    logGroup.grantWrite(this.role)
    this.function = new LambdaFunction(this, 'Function', {
      description: props.about,
      architecture: Architecture.ARM_64,
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: props.code,
      memorySize: props.memoryMb,
      timeout: Duration.millis(props.timeoutMs),
      environment: { ...props.environment },
      role: this.role,
      logGroup,
      ...(props.reservedConcurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: props.reservedConcurrency }),
    })
    this.alias = this.function.addAlias('live') as IFunction
    acknowledge(
      this.function,
      'Serverless-LambdaTracing',
      'off: a run is one log line under one id, traces cost money a call, and their permission knows no resource',
    )
  }

  /**
   * Says how asynchronous invocations end. On the alias: what is set on the function reaches `$LATEST` only, which
   * nothing invokes.
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
