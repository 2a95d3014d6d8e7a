import { Stack, Validations } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'

/** An accepted finding of the rule packs and its reason. */
export interface Acknowledgement {
  readonly where: string
  readonly id: string
  readonly reason: string
}

/**
 * Accepts a finding for one construct and its children.
 *
 * @param id - the plain one, such as `AwsSolutions-SQS3`: `validateScope` ignores prefixed ids
 */
export function acknowledge(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason })
}

/** Accepts the wildcards of resources in a policy. @param arns - those of its statements, as the policy has them */
export function acknowledgeWildcards(construct: IConstruct, arns: readonly string[], reason: string): void {
  const stack = Stack.of(construct)
  for (const arn of arns.map((one) => flatText(stack.resolve(one))).filter((text) => text.includes('*')))
    acknowledge(construct, `AwsSolutions-IAM5[Resource::${arn}]`, reason)
}

/** Text as the rule packs write it: references in angle brackets. */
function flatText(value: unknown): string {
  if (typeof value === 'string') return value
  const { 'Fn::Join': join, Ref: name } = value as { 'Fn::Join'?: [string, unknown[]]; Ref?: string }
  if (join) return join[1].map(flatText).join(join[0])
  if (name !== undefined) return `<${name}>`
  throw new TypeError(`expected text, a reference or a join of them, got ${JSON.stringify(value)}`)
}

/** Every accepted finding of a stack, ordered by construct. */
export function acknowledgementsOf(stack: Stack): Acknowledgement[] {
  return stack.node
    .findAll()
    .flatMap((construct) =>
      construct.node.metadata
        .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
        .flatMap(({ data }) => Object.entries(data as Record<string, string>))
        .map(([id, reason]) => ({
          where: construct.node.path.slice(stack.node.path.length + 1),
          id: id.replace(/^annotation::/i, ''),
          reason,
        })),
    )
    .sort((a, b) => `${a.where} ${a.id}`.localeCompare(`${b.where} ${b.id}`))
}
