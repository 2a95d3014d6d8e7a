import type { Publication, Validator } from '#shared/domain/records/publication.ts'

/** One stored value, ready to serve. */
export interface Item extends Publication {
  /** The finished response, brotli. */
  readonly body: Uint8Array
  readonly validator?: Validator
  /** The source does not know the key: the body is none, and the times are short. */
  readonly isAbsent?: boolean
}
