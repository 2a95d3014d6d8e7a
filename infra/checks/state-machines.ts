import { type Finding, finding, type SynthesizedTemplate } from './findings.ts'

type State = Readonly<Record<string, unknown>>

/** Fields that only AWS supports, or that the local interpreter executes differently. */
const UNSUPPORTED_FIELDS = ['Assign', 'Output', 'Arguments', 'HeartbeatSeconds', 'HeartbeatSecondsPath']

/**
 * Checks that the local interpreter can run the state machines of a template, and that none can wait for ever: JSONPath
 * without variables, no task tokens or heartbeats, timeouts of each task and of the whole, retries only on errors of the
 * Lambda service.
 */
export function checkStateMachines({ Resources }: SynthesizedTemplate): Finding[] {
  return Object.entries(Resources)
    .filter(([, { Type }]) => Type === 'AWS::StepFunctions::StateMachine')
    .flatMap(([id, { Properties }]) => {
      const definition = definitionOf(Properties?.['DefinitionString'])
      if (!definition)
        return [finding('machines', id, 'expected a definition in the template, got none that can be read')]
      return [
        ...checkTimeout(definition),
        ...allStates(definition).flatMap(([name, state]) => stateFaults(name, state)),
      ].map((message) => finding('machines', id, message))
    })
}

/** The definition, with `token` in place of each name that is only known at deployment. */
function definitionOf(text: unknown): State | undefined {
  const [separator, parts] = (text as { 'Fn::Join'?: [string, unknown[]] } | undefined)?.['Fn::Join'] ?? [
    '',
    [text],
  ]
  const joined = parts.map((part) => (typeof part === 'string' ? part : 'token')).join(separator)
  try {
    return JSON.parse(joined) as State
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function checkTimeout(definition: State): string[] {
  return typeof definition['TimeoutSeconds'] === 'number'
    ? []
    : ['expected TimeoutSeconds of the machine, got none']
}

/** The state machine itself and all its states, those of lanes included. */
function allStates(definition: State, name = 'the machine'): [string, State][] {
  const inner = definition['ItemProcessor'] as State | undefined
  const states = Object.entries((definition['States'] ?? {}) as Readonly<Record<string, State>>)
  return [
    [name, definition],
    ...(inner ? allStates(inner, `${name}, each`) : []),
    ...states.flatMap(([innerName, state]) => allStates(state, innerName)),
  ]
}

function stateFaults(name: string, state: State): string[] {
  const language = state['QueryLanguage'] ?? 'JSONPath'
  const handlers = (field: 'Retry' | 'Catch') =>
    ((state[field] ?? []) as readonly { ErrorEquals: readonly string[] }[]).map(
      ({ ErrorEquals }) => ErrorEquals,
    )
  const hasNoTimeout = state['Type'] === 'Task' && typeof state['TimeoutSeconds'] !== 'number'
  return [
    ...(language === 'JSONPath' ? [] : [`expected JSONPath in ${name}, got ${String(language)}`]),
    ...UNSUPPORTED_FIELDS.filter((key) => key in state).map(
      (key) => `expected no ${key} in ${name}, got one`,
    ),
    ...(String(state['Resource']).includes('.waitForTaskToken')
      ? [`expected no task token in ${name}, got ${String(state['Resource'])}`]
      : []),
    ...(hasNoTimeout ? [`expected TimeoutSeconds of ${name}, got none`] : []),
    ...handlers('Retry')
      .flat()
      .filter((error) => !error.startsWith('Lambda.'))
      .map((error) => `expected ${name} to retry only errors of the Lambda service, got ${error}`),
    ...[handlers('Retry'), handlers('Catch')]
      .filter(misplacesCatchAll)
      .map(() => `expected States.ALL alone and last in ${name}`),
  ]
}

function misplacesCatchAll(handlers: readonly (readonly string[])[]): boolean {
  return handlers.some(
    (errors, index) => errors.includes('States.ALL') && (errors.length > 1 || index < handlers.length - 1),
  )
}
