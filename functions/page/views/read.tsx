import { useSignal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useMemo } from 'preact/hooks'
import { suggestions } from '../data/charts.ts'
import type { ApiDocument, DocumentedParameter } from '../data/document.ts'
import { useLive } from '../data/live.ts'
import { type PlainResponse, plainGet, targetOf, type Values } from '../data/plain-get.ts'
import { Failure } from '../parts/failure.tsx'
import { Lazy } from './lazy.tsx'
import type { ResponseProps } from './response.tsx'

/** Time between two loads of an open response, in milliseconds. */
const PERIOD_MS = 15_000

interface ReadProps {
  readonly path: string
  readonly document: ApiDocument
  /** Other paths of the same dataset: a list among them suggests values of parameters. */
  readonly siblings: readonly string[]
}

/** One read: its parameters, and its response, which refreshes itself. */
export function ReadView({ path, document, siblings }: ReadProps) {
  const operation = document.paths[path]?.['get']
  const parameters = (operation?.parameters ?? []).filter((one) => one.in === 'path' || one.in === 'query')
  const values = useSignal<Values>({})
  const suggested = useSuggestions(parameters, siblings)
  const filled = { ...firstOf(suggested), ...values.value }
  const target = targetOf(path, parameters, filled)
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
      {target === undefined ? (
        <p>Enter the parameters that the path needs.</p>
      ) : (
        <Response key={target} target={target} path={path} document={document} />
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

/** Values of the path's parameters, from the first list of the same dataset that needs no parameter. */
function useSuggestions(parameters: readonly DocumentedParameter[], siblings: readonly string[]): Suggested {
  const needed = parameters.filter((one) => one.in === 'path').map(({ name }) => name)
  const list = needed.length === 0 ? undefined : siblings.find((path) => !path.includes('{'))
  const load = async (signal: AbortSignal): Promise<Suggested> => {
    if (list === undefined) return {}
    const { body } = await plainGet(list, signal)
    return Object.fromEntries(needed.map((name) => [name, suggestions(body, name)]))
  }
  const { live } = useLive(load, 0, [list, needed.join()])
  return live.value.value ?? {}
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

interface TargetProps {
  readonly target: string
  readonly path: string
  readonly document: ApiDocument
}

function Response({ target, path, document }: TargetProps) {
  const load = (signal: AbortSignal): Promise<PlainResponse> => plainGet(target, signal)
  const { live } = useLive(load, PERIOD_MS, [target])
  const { value, error } = live.value
  const input = useMemo(() => value && { target, path, document, response: value }, [target, value, document])
  return (
    <>
      <Failure error={error} />
      {input ? <Lazy load={loadResponseView} input={input} /> : <p aria-busy={!error}>The response</p>}
    </>
  )
}
