import { type Stack, Validations } from 'aws-cdk-lib'
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
