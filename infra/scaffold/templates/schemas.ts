import type { Dataset } from '../dataset.ts'
import { literal, property } from './code.ts'

/** A part of a body: its place, and the code of its schema. */
interface Part {
  readonly place: readonly string[]
  readonly code: string
}

/** One schema of parts at several places: `z.object({ data: z.object({ items: rowList() }), time: instant(…) })`. */
export function objectSchema(parts: readonly Part[]): string {
  const [only] = parts
  if (only && only.place.length === 0) return only.code
  const names = [...new Set(parts.map(({ place }) => place[0] ?? ''))]
  const lines = names.map((name) => {
    const inner = parts.filter(({ place }) => place[0] === name)
    return `${property(name)}: ${objectSchema(inner.map(({ place, code }) => ({ place: place.slice(1), code })))},`
  })
  return `z.object({\n${lines.join('\n')}\n})`
}

/** A schema of a generated file. One that reads times is a function of the time of the answer. */
export interface Schema {
  readonly declaration: string
  /** The schema where it is used: `bodySchema` or `bodyAt(now)`. */
  readonly use: string
  /** The type of what it parses. */
  readonly parsed: string
}

/** @param isTimed - whether the code of the schema uses `now` */
export function schema(name: string, code: string, isTimed: boolean): Schema {
  return isTimed
    ? {
        declaration: `const ${name}At = (now: number) =>\n  ${code}\n`,
        use: `${name}At(now)`,
        parsed: `z.infer<ReturnType<typeof ${name}At>>`,
      }
    : {
        declaration: `const ${name}Schema = ${code}\n`,
        use: `${name}Schema`,
        parsed: `z.infer<typeof ${name}Schema>`,
      }
}

/** The call that answers as the sample. */
export function callCode(call: Dataset['call']): string {
  return `{ ${callMembers(call)} }`
}

/** The path and the query of a call, as members of an object. */
export function callMembers({ path, query }: Dataset['call']): string {
  const parameters = Object.entries(query).map(([name, value]) => `${property(name)}: ${literal(value)}`)
  return `path: ${literal(path)}${parameters.length === 0 ? '' : `, query: { ${parameters.join(', ')} }`}`
}

/** Before the code of a call that is assumed. */
export function callComment({ isAssumed }: Dataset['call']): string {
  return isAssumed ? '// Confirm: the path of the call at the provider\n' : ''
}

/** Before the code of a time that the sample does not have. */
export function timeComment({ ownTime }: Pick<Dataset, 'ownTime'>): string {
  return ownTime.of === 'call'
    ? '// Confirm: the sample has no time of the data; that of the call is taken\n'
    : ''
}
