import { chartOf } from '../data/charts.ts'
import { type ApiDocument, fieldsOf } from '../data/document.ts'
import type { PlainResponse } from '../data/plain-get.ts'
import { RateBars, ScoreBars } from '../parts/bars.tsx'
import { SeriesChart } from '../parts/chart.tsx'
import { Copyable } from '../parts/copyable.tsx'
import { Records } from '../parts/records.tsx'

export interface ResponseProps {
  readonly target: string
  readonly path: string
  readonly document: ApiDocument
  readonly response: PlainResponse
}

/** A response: its chart, the same figures as a table, the raw answer, the meaning of its fields, and how to read it. */
export function ResponseView({ target, path, document, response }: ResponseProps) {
  const chart = chartOf(response.body)
  const schema = document.paths[path]?.['get']?.responses['200']?.content?.['application/json']?.schema
  const fields = schema ? fieldsOf(schema, document) : []
  const name = document.paths[path]?.['get']?.summary ?? path
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
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Type</th>
              <th scope="col">Meaning and unit</th>
            </tr>
          </thead>
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
      <Copyable label="With curl" text={`curl '${location.origin}${target}'`} />
      <Copyable label="With the client" text={clientCall(path, target)} />
    </>
  )
}

/** Characters of a raw body that are shown. */
const MAX_RAW = 100_000

function rawText({ body, text }: PlainResponse): string {
  const whole = typeof body === 'object' ? JSON.stringify(body, null, 2) : text
  return whole.length <= MAX_RAW ? whole : `${whole.slice(0, MAX_RAW)}\n… (${whole.length} characters)`
}

function clientCall(path: string, target: string): string {
  const url = new URL(target, location.origin)
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const segments = path.split('/')
  const values = url.pathname.split('/')
  const inPath = Object.fromEntries(
    names.map((name) => [name, decodeURIComponent(values[segments.indexOf(`{${name}}`)] ?? '')]),
  )
  const input = {
    ...(names.length > 0 ? { path: inPath } : {}),
    ...(url.search === '' ? {} : { query: Object.fromEntries(url.searchParams) }),
  }
  const argument = Object.keys(input).length === 0 ? '' : `, ${JSON.stringify(input)}`
  return [
    "import { createClient } from 'freshet/client'",
    `const freshet = createClient({ baseUrl: '${location.origin}' })`,
    `const { body, headers } = await freshet.get('${path}'${argument})`,
  ].join('\n')
}
