import { chartOf } from '../data/charts.ts'
import { type ApiDocument, fieldsOf } from '../data/document.ts'
import type { PlainRequest, PlainResponse } from '../data/plain-request.ts'
import { RateBars, ScoreBars } from '../parts/bars.tsx'
import { SeriesChart } from '../parts/chart.tsx'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { Copyable } from '../parts/copyable.tsx'
import { Records } from '../parts/records.tsx'

export interface ResponseProps {
  readonly request: PlainRequest
  readonly path: string
  readonly document: ApiDocument
  readonly response: PlainResponse
}

/** A response: its chart, the same figures as a table, the raw answer, the meaning of its fields, and how to read it. */
export function ResponseView({ request, path, document, response }: ResponseProps) {
  const chart = chartOf(response.body)
  const { get, post } = document.paths[path] ?? {}
  const operation = get ?? post
  const schema = operation?.responses['200']?.content?.['application/json']?.schema
  const fields = schema ? fieldsOf(schema, document) : []
  const name = operation?.summary ?? path
  return (
    <>
      {chart.kind === 'series' ? <SeriesChart chart={chart} title={name} /> : null}
      {chart.kind === 'rates' ? <RateBars chart={chart} /> : null}
      {chart.kind === 'scores' ? <ScoreBars chart={chart} /> : null}
      <Records body={response.body} />
      <details>
        <summary>Raw response</summary>
        <pre tabIndex={0}>
          {[`HTTP ${response.status}`, ...response.headers.map(([key, value]) => `${key}: ${value}`)].join(
            '\n',
          )}
        </pre>
        <pre tabIndex={0}>{rawText(response)}</pre>
      </details>
      <details>
        <summary>Fields</summary>
        <table>
          <ColumnHeads names={['Field', 'Type', 'Meaning and unit']} />
          <tbody>
            {fields.map((field) => (
              <tr key={field.path}>
                <th scope="row">
                  <code>{field.path}</code>
                </th>
                <td>{field.type}</td>
                <td>{field.about}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
      <Copyable label="With curl" text={curlText(request)} />
      <Copyable label="With the client" text={clientText(path, request)} />
    </>
  )
}

/** Characters of a raw body that are shown. */
const MAX_RAW = 100_000

function rawText({ body, text }: PlainResponse): string {
  const whole = typeof body === 'object' ? JSON.stringify(body, null, 2) : text
  return whole.length <= MAX_RAW ? whole : `${whole.slice(0, MAX_RAW)}\n… (${whole.length} characters)`
}

function curlText({ target, body }: PlainRequest): string {
  const url = `'${location.origin}${target}'`
  if (body === undefined) return `curl ${url}`
  return `curl ${url} -H 'content-type: application/json' -d '${body.replaceAll("'", String.raw`'\''`)}'`
}

function clientText(path: string, { method, target, body }: PlainRequest): string {
  const url = new URL(target, location.origin)
  const segments = path.split('/')
  const values = url.pathname.split('/')
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const inPath = names.map((name) => [name, decodeURIComponent(values[segments.indexOf(`{${name}}`)] ?? '')])
  const input = {
    ...(names.length > 0 ? { path: Object.fromEntries(inPath) } : {}),
    ...(url.search === '' ? {} : { query: Object.fromEntries(url.searchParams) }),
    ...(body === undefined ? {} : { body: JSON.parse(body) }),
  }
  const argument = Object.keys(input).length === 0 ? '' : `, ${JSON.stringify(input)}`
  return [
    "import { createClient } from 'freshet/client'",
    `const freshet = createClient({ baseUrl: '${location.origin}' })`,
    `const { body, headers } = await freshet.${method.toLowerCase()}('${path}'${argument})`,
  ].join('\n')
}
