import { type Stack, Validations } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'

/** A finding of the rule packs that is accepted, and why. */
export interface Acknowledgement {
  readonly where: string
  readonly id: string
  readonly reason: string
}

/**
 * Accepts a finding for one construct and what is in it.
 *
 * @param id - the plain one, such as `AwsSolutions-SQS3`: prefixed ids are not seen by `validateScope`
 */
export function acknowledge(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason })
}

/** Every accepted finding of a stack, in order of where it stands. */
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
