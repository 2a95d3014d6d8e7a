import type { AnswerTime, CursorMember, ErrorMember } from './sample/envelope.ts'
import type { Instant, LeftOut, RecordType } from './sample/field-type.ts'
import type { Layout } from './sample/layout.ts'
import type { RowKey } from './sample/row-key.ts'

/** What the files of a new dataset are made of. */
export interface Dataset {
  readonly id: string
  readonly title: string
  /** The path under which it is served. */
  readonly readPath: string
  readonly every: string
  readonly freshFor: string
  readonly offset: string | undefined
  readonly upstream: {
    readonly name: string
    readonly title: string
    /** Whether no file declares it yet. */
    readonly isNew: boolean
    readonly baseUrl: string
    /** Largest body of a new one. */
    readonly maxBytes: number
  }
  readonly call: Call
  readonly body: unknown
  readonly layout: Layout
  readonly type: RecordType
  /** Absent for one record. */
  readonly key: RowKey | undefined
  /** The time of the data: of each record, of the answer, or of the call if the sample has none. */
  readonly ownTime: OwnTime
  /** The newest time of the sample; milliseconds since the epoch. */
  readonly sampleAt: number | undefined
  readonly cursor: CursorMember | undefined
  readonly errorMember: ErrorMember | undefined
  readonly leftOut: readonly LeftOut[]
}

/** The call that answers as the sample. */
interface Call {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Whether neither the author nor a URL has named it. */
  readonly isAssumed: boolean
}

type OwnTime =
  | { readonly of: 'record'; readonly place: readonly string[]; readonly type: Instant }
  | { readonly of: 'answer'; readonly time: AnswerTime }
  | { readonly of: 'call' }

/** What an author states about a new dataset. Each name is that of an option of the command. */
export interface NewDatasetOptions {
  readonly job: string
  readonly path: string
  readonly upstream: string
  readonly host?: string | undefined
  readonly call?: string | undefined
  readonly rows?: string | undefined
  readonly key?: string | undefined
  readonly errorMember?: string | undefined
  readonly every?: string | undefined
}
