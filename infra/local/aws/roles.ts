import type { Permission, PermissionTarget } from '#infra/definitions/permissions.ts'
import { assertNever } from '#shared/domain/errors.ts'
import { FAILURE_QUEUES } from '#shared/domain/ports/failure-queues.ts'
import { BUS, REGION, stateMachineArn } from '../functions/environment.ts'
import { TABLE } from '../table/create-table.ts'
import { functionOf, SYSTEM_ACCESS_KEY } from './access-keys.ts'

const ACCOUNT = '000000000000'

/** One action on one resource, as IAM decides about it. */
export interface AwsCall {
  /** `dynamodb:GetItem` */
  readonly action: string
  /** ARN */
  readonly resource: string
  /** The partition keys of a call of the table. */
  readonly leadingKeys?: readonly string[]
}

/** One used part of a permission: an action with the pattern of a partition key or, without one, of a resource. */
export interface UsedPermission {
  readonly functionName: string
  readonly action: string
  readonly pattern: string
}

/** Why a call is denied: the type of the error of AWS, and its message. */
export interface AccessDenial {
  readonly type: 'AccessDeniedException' | 'UnrecognizedClientException'
  readonly message: string
}

interface RolesOptions {
  /** Name of the table that the statements are about, `freshet` by default; `*` stands for any characters. */
  readonly table?: string
  /** Called with each denied call of a function, in one sentence. */
  readonly onDenied: (message: string) => void
  /** Called with each part of a permission as it is used for the first time. */
  readonly onUsed?: (used: UsedPermission) => void
}

/**
 * The roles of the local functions: the statements of the template, decided as IAM does. A caller is known by the access
 * key id of its credentials. Signatures are not checked.
 */
export class LocalRoles {
  readonly #permissions: ReadonlyMap<string, readonly Permission[]>
  readonly #options: RolesOptions
  readonly #used = new Set<string>()

  /** @param permissions - by name of the function */
  constructor(permissions: ReadonlyMap<string, readonly Permission[]>, options: RolesOptions) {
    this.#permissions = permissions
    this.#options = options
  }

  /**
   * Whether a caller is denied one of several calls that a request makes.
   *
   * @param authorization - the header of the request, in Signature Version 4
   */
  denialOf(authorization: string | undefined, calls: readonly AwsCall[]): AccessDenial | undefined {
    const accessKey = /Credential=([^/,\s]+)\//.exec(authorization ?? '')?.[1]
    if (accessKey === SYSTEM_ACCESS_KEY) return undefined
    const functionName = functionOf(accessKey)
    const permissions = functionName === undefined ? undefined : this.#permissions.get(functionName)
    if (functionName === undefined || !permissions)
      return {
        type: 'UnrecognizedClientException',
        message: 'The security token included in the request is invalid.',
      }
    for (const call of calls) {
      const patterns = grantedPatterns(permissions, call, this.#options.table)
      if (!patterns) return this.#deny(functionName, call)
      for (const pattern of patterns) this.#use({ functionName, action: call.action, pattern })
    }
    return undefined
  }

  #deny(functionName: string, { action, resource, leadingKeys }: AwsCall): AccessDenial {
    const on = leadingKeys && leadingKeys.length > 0 ? leadingKeys.join(', ') : resource
    this.#options.onDenied(`the role of ${functionName} does not allow ${action} on ${on}`)
    const user = `arn:aws:sts::${ACCOUNT}:assumed-role/freshet-local-${functionName}/${functionName}`
    const message = `User: ${user} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`
    return { type: 'AccessDeniedException', message }
  }

  #use(used: UsedPermission): void {
    const id = `${used.functionName} ${used.action} ${used.pattern}`
    if (this.#used.has(id)) return
    this.#used.add(id)
    this.#options.onUsed?.(used)
  }
}

/** Every part of permissions that {@link LocalRoles} can report as used, in the same words. */
export function permissionParts(
  permissions: ReadonlyMap<string, readonly Permission[]>,
): readonly UsedPermission[] {
  return [...permissions].flatMap(([functionName, statements]) =>
    statements.flatMap(({ actions, target, leadingKeys }) =>
      actions.flatMap((action) =>
        (leadingKeys ?? targetArns(target, TABLE)).map((pattern) => ({ functionName, action, pattern })),
      ),
    ),
  )
}

/** The ARN of the local table. */
export function tableArn(name: string): string {
  return `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`
}

/** The ARN of a local bus. */
export function busArn(name: string): string {
  return `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/${name}`
}

/** The ARN of a local parameter. @param name - without the leading slash */
export function parameterArn(name: string): string {
  return `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/${name}`
}

/** The ARN of a local secret. @param name - with its six random characters */
export function secretArn(name: string): string {
  return `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}`
}

/** The ARN of a local failure queue. */
export function queueArn(name: string): string {
  return `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`
}

function targetArns(target: PermissionTarget, table: string): readonly string[] {
  switch (target.kind) {
    case 'table':
      return [tableArn(table)]
    case 'bus':
      return [busArn(BUS)]
    case 'machines':
      return target.jobs.map(stateMachineArn)
    case 'metrics':
      return ['*']
    case 'queues':
      return FAILURE_QUEUES.map(queueArn)
    case 'parameter':
      return [parameterArn(target.name)]
    case 'secret':
      return [secretArn(target.name)]
    default:
      return assertNever(target)
  }
}

/**
 * The patterns by which a call is allowed; `undefined` when no statement allows it. One statement has to allow all
 * partition keys of a call (`ForAllValues`).
 */
function grantedPatterns(
  permissions: readonly Permission[],
  { action, resource, leadingKeys = [] }: AwsCall,
  table = TABLE,
): readonly string[] | undefined {
  for (const permission of permissions) {
    if (!permission.actions.includes(action)) continue
    const arn = targetArns(permission.target, table).find((pattern) => matches(pattern, resource))
    if (arn === undefined) continue
    if (!permission.leadingKeys) return [arn]
    const patterns = leadingKeys.map((key) =>
      permission.leadingKeys?.find((pattern) => matches(pattern, key)),
    )
    if (patterns.every((pattern) => pattern !== undefined)) return patterns
  }
  return undefined
}

const regularExpressions = new Map<string, RegExp>()

/** The operator `StringLike`: `*` stands for any characters, `?` for one. */
function matches(pattern: string, text: string): boolean {
  let expression = regularExpressions.get(pattern)
  if (!expression) {
    const escaped = pattern.replace(/[\\^$.+()[\]{}|]/g, '\\$&')
    expression = new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's')
    regularExpressions.set(pattern, expression)
  }
  return expression.test(text)
}
