import { useSignal } from '@preact/signals'
import type { ApiDocument, DocumentedOperation } from '../data/document.ts'
import { useLive } from '../data/live.ts'
import { loadDocument } from '../data/loads.ts'
import { Failure } from '../parts/failure.tsx'
import { Heading } from '../parts/heading.tsx'
import { ReadView } from './read.tsx'

const TAGS = [
  { tag: 'datasets', title: 'Datasets' },
  { tag: 'system', title: 'System' },
  { tag: 'operators', title: 'Operators' },
] as const

/** The API as its document describes it; what everyone may read can be tried. */
export function ApiView() {
  const { live } = useLive(loadDocument, 0, [])
  const { value, error } = live.value
  return (
    <>
      <Heading>API</Heading>
      <p>
        The document is at <a href="/openapi.json">/openapi.json</a>.
      </p>
      <Failure error={error} />
      {value
        ? TAGS.map(({ tag, title }) => (
            <section key={tag} aria-labelledby={`api-${tag}`}>
              <h2 id={`api-${tag}`}>{title}</h2>
              {operationsOf(value, tag).map(({ method, path, operation }) => (
                <Operation
                  key={`${method} ${path}`}
                  method={method}
                  path={path}
                  operation={operation}
                  document={value}
                />
              ))}
            </section>
          ))
        : null}
    </>
  )
}

function operationsOf({ paths }: ApiDocument, tag: string) {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method, operation]) => method !== 'head' && operation.tags?.includes(tag))
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )
}

interface OperationProps {
  readonly method: string
  readonly path: string
  readonly operation: DocumentedOperation
  readonly document: ApiDocument
}

function Operation({ method, path, operation, document }: OperationProps) {
  const isTried = useSignal(false)
  const { summary, parameters = [], responses, tags } = operation
  const canTry = method === 'GET' && tags?.includes('datasets')
  return (
    <details>
      <summary>
        <strong>{method}</strong> <code>{path}</code> {summary}
      </summary>
      {parameters.length > 0 ? (
        <ul>
          {parameters.map(({ name, in: place, required, description, schema }) => (
            <li key={`${place} ${name}`}>
              <code>{name}</code> ({place}
              {required ? ', required' : ''}) {description}{' '}
              {schema?.pattern ? <code>{schema.pattern}</code> : null}
            </li>
          ))}
        </ul>
      ) : null}
      <p>
        Answers:{' '}
        {Object.keys(responses)
          .map((status) => status)
          .join(', ')}
      </p>
      {canTry ? (
        <button
          type="button"
          onClick={() => {
            isTried.value = !isTried.value
          }}
        >
          {isTried.value ? 'Close' : 'Try'}
        </button>
      ) : null}
      {isTried.value ? <ReadView path={path} document={document} sources={[]} /> : null}
    </details>
  )
}
