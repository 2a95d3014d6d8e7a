import type { Json, Path } from '../json.ts'

/** What kind of damage a mutation does. */
export type MutationKind = 'field' | 'list' | 'time' | 'pair' | 'body'

/** A changed body, as one of the makers gives it: the whole new body, or its text if it is no JSON. */
export interface BodyChange {
  readonly path: Path
  readonly name: string
  readonly kind: MutationKind
  /** Number of rows of the table that is cut; by default, that of the named rows at the path. */
  readonly rows?: number
  /** Places that a body must have beside the path. */
  readonly members?: readonly Path[]
  readonly body: (good: Json) => Json | { readonly text: string }
}
