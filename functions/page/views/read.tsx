import { useSignal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useMemo } from 'preact/hooks'
import { credentials } from '../data/api.ts'
import { suggestions } from '../data/charts.ts'
import type { ApiDocument, DocumentedParameter } from '../data/document.ts'
import { useLive } from '../data/live.ts'
import { type PlainRequest, parametersOf, requestOf, send, type Values } from '../data/plain-request.ts'
import { Failure } from '../parts/failure.tsx'
import { Lazy } from './lazy.tsx'
import type { ResponseProps } from './response.tsx'

/** Time between two loads of an open response, in milliseconds. */
const PERIOD_MS = 15_000

interface ReadProps {
  readonly path: string
  readonly document: ApiDocument
  /** Paths of lists that suggest values of parameters, such as the symbols of a dataset. */
  readonly sources: readonly string[]
}

/** One read: its parameters, and its response, which refreshes itself. */
export function ReadView({ path, document, sources }: ReadProps) {
  const parameters = parametersOf(path, document)
  const values = useSignal<Values>({})
  const suggested = useSuggestions(parameters, sources)
  const filled = { ...firstOf(suggested), ...values.value }
  const request = requestOf(path, document, filled)
  return (
    <>
      {parameters.length > 0 ? (
        <Parameters
          path={path}
          parameters={parameters}
          values={filled}
          suggested={suggested}
          onChange={(changed) => {
            values.value = { ...values.value, ...changed }
          }}
        />
      ) : null}
      {request === undefined ? (
        <p>Enter the required parameters.</p>
      ) : (
        <Response key={JSON.stringify(request)} request={request} path={path} document={document} />
      )}
    </>
  )
}

type Suggested = Readonly<Record<string, readonly string[]>>

function firstOf(suggested: Suggested): Values {
  return Object.fromEntries(
    Object.entries(suggested).flatMap(([name, [first]]) => (first ? [[name, first]] : [])),
  )
}

/** Days of history that are asked for at first, where a read has them: enough for a chart. */
const DAYS = '30'

/** Values of the parameters that are required, from the first list that has some. */
function useSuggestions(parameters: readonly DocumentedParameter[], sources: readonly string[]): Suggested {
  const needed = parameters.filter((one) => one.in === 'path' || one.required).map(({ name }) => name)
  const days: Suggested = parameters.some(({ name }) => name === 'days') ? { days: [DAYS] } : {}
  const load = async (signal: AbortSignal): Promise<Suggested> => {
    for (const target of needed.length === 0 ? [] : sources) {
      const { body } = await send({ method: 'GET', target }, credentials.value, signal)
      const suggested = Object.fromEntries(needed.map((name) => [name, suggestions(body, name)]))
      if (Object.values(suggested).some((values) => values.length > 0)) return { ...suggested, ...days }
    }
    return days
  }
  const { live } = useLive(load, 0, [sources.join(), needed.join()])
  return live.value.value ?? (needed.length === 0 ? days : {})
}

interface ParametersProps {
  readonly path: string
  readonly parameters: readonly DocumentedParameter[]
  readonly values: Values
  readonly suggested: Suggested
  readonly onChange: (changed: Values) => void
}

function Parameters({ path, parameters, values, suggested, onChange }: ParametersProps) {
  return (
    <fieldset class="parameters">
      <legend>Parameters</legend>
      {parameters.map(({ name, description, required }) => {
        const list = `${path} ${name}`.replaceAll(/\W/g, '-')
        return (
          <label key={name}>
            {name}
            {required ? ' (required)' : ''}
            <input
              name={name}
              value={values[name] ?? ''}
              list={list}
              onChange={({ currentTarget }) => onChange({ [name]: currentTarget.value.trim() })}
            />
            <datalist id={list}>
              {(suggested[name] ?? []).map((value) => (
                <option key={value} value={value} />
              ))}
            </datalist>
            {description ? <small>{description}</small> : null}
          </label>
        )
      })}
    </fieldset>
  )
}

const loadResponseView = (): Promise<ComponentType<ResponseProps>> =>
  import('./response.tsx').then(({ ResponseView }) => ResponseView)

interface ResponseOfProps {
  readonly request: PlainRequest
  readonly path: string
  readonly document: ApiDocument
}

function Response({ request, path, document }: ResponseOfProps) {
  const key = JSON.stringify(request)
  const { live } = useLive((signal) => send(request, credentials.value, signal), PERIOD_MS, [key])
  const { value, error } = live.value
  const input = useMemo(() => value && { request, path, document, response: value }, [key, value, document])
  return (
    <>
      <Failure error={error} />
      {input ? <Lazy load={loadResponseView} input={input} /> : <p aria-busy={!error}>The response</p>}
    </>
  )
}
