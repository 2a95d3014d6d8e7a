import type { Finding, SynthesizedTemplate } from './findings.ts'

type State = Readonly<Record<string, unknown>>

/** What only AWS would run, or would run otherwise than the interpreter of one machine does. */
const UNSUPPORTED_FIELDS = ['Assign', 'Output', 'Arguments', 'HeartbeatSeconds', 'HeartbeatSecondsPath']

/**
 * Whether the state machines of a template are such as a single machine can run too, and such as never wait for ever:
 * JSONPath without variables, no tokens and no heartbeats, a timeout on each task and on the whole, retries on errors
 * of Lambda's own only.
 */
export function checkStateMachines({ Resources }: SynthesizedTemplate): Finding[] {
  return Object.entries(Resources)
    .filter(([, { Type }]) => Type === 'AWS::StepFunctions::StateMachine')
    .flatMap(([id, { Properties }]) => {
      const definition = definitionOf(Properties?.['DefinitionString'])
      if (!definition)
        return [stateMachineFinding(id, 'expected a definition in the template, got none that can be read')]
      return [
        ...checkTimeout(definition),
        ...allStates(definition).flatMap(([name, state]) => stateFaults(name, state)),
      ].map((message) => stateMachineFinding(id, message))
    })
}

/** A definition whose names are known at deployment only: each of them is read as `token`. */
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

/** All states, those of a Map's lanes included; the machine itself is the first. */
function allStates(definition: State, name = 'the machine'): [string, State][] {
  const inner = definition['ItemProcessor'] as State | undefined
  const states = Object.entries((definition['States'] ?? {}) as Readonly<Record<string, State>>)
  return [
    [name, definition],
    ...(inner ? allStates(inner, `${name}, each`) : []),
    ...states.flatMap(([inside, state]) => allStates(state, inside)),
  ]
}

function stateFaults(name: string, state: State): string[] {
  const language = state['QueryLanguage'] ?? 'JSONPath'
  const handlers = (of: 'Retry' | 'Catch') =>
    ((state[of] ?? []) as readonly { ErrorEquals: readonly string[] }[]).map(({ ErrorEquals }) => ErrorEquals)
  const untold = state['Type'] === 'Task' && typeof state['TimeoutSeconds'] !== 'number'
  return [
    ...(language === 'JSONPath' ? [] : [`expected JSONPath in ${name}, got ${String(language)}`]),
    ...UNSUPPORTED_FIELDS.filter((key) => key in state).map(
      (key) => `expected no ${key} in ${name}, got one`,
    ),
    ...(String(state['Resource']).includes('.waitForTaskToken')
      ? [`expected no task token in ${name}, got ${String(state['Resource'])}`]
      : []),
    ...(untold ? [`expected TimeoutSeconds of ${name}, got none`] : []),
    ...handlers('Retry')
      .flat()
      .filter((error) => !error.startsWith('Lambda.'))
      .map((error) => `expected ${name} to retry errors of Lambda's own only, got ${error}`),
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

function stateMachineFinding(subject: string, message: string): Finding {
  return { check: 'machines', subject, message, severity: 'error' }
}
