import { UsageError } from '#infra/command/report-user-errors.ts'
import { defined } from '#shared/domain/defined.ts'

/** The options of the command, as they are written. */
export interface NewOptions {
  readonly from?: string
  readonly path?: string
  readonly upstream?: string
  readonly host?: string
  readonly call?: string
  readonly rows?: string
  readonly key?: string
  readonly errorMember?: string
  readonly every?: string
  readonly dryRun?: true
}

/** The options without which there is no dataset. */
type RequiredOptions = NewOptions & {
  readonly job: string
  readonly from: string
  readonly path: string
  readonly upstream: string
}

/** One question, for an option that is not written. */
export interface Question {
  readonly message: string
  readonly placeholder: string
}

/** Asks the user; `undefined` where there is no terminal. */
export type Ask = ((question: Question) => Promise<string>) | undefined

const QUESTIONS = {
  job: { message: 'Name of the job', placeholder: 'prices' },
  from: { message: 'Sample: a file with an answer in JSON, or its URL', placeholder: 'sample.json' },
  path: { message: 'Path under which it is served', placeholder: '/v1/prices' },
  upstream: { message: 'Provider: a declared one, or the name of a new one', placeholder: 'acme' },
  host: { message: 'Host of the new provider', placeholder: 'api.example.com' },
} as const satisfies Record<string, Question>

type Name = keyof typeof QUESTIONS

/**
 * The options with those that are missing: in a terminal they are asked for, elsewhere the first one is a usage error.
 *
 * @param declared - names of the providers that have no question about their host
 * @throws {UsageError} naming the missing option
 */
export async function completeOptions(
  job: string | undefined,
  options: NewOptions,
  declared: readonly string[],
  ask: Ask,
): Promise<RequiredOptions> {
  const optionOf = async (name: Name) => (name === 'job' ? job : options[name]) ?? (await answer(name, ask))
  const [id, from] = [await optionOf('job'), await optionOf('from')]
  const [path, upstream] = [await optionOf('path'), await optionOf('upstream')]
  // without a terminal, the project says which providers it has
  const needsHost = ask && !options.host && !declared.includes(upstream) && !/^https:/.test(from)
  const host = needsHost ? await optionOf('host') : options.host
  return { ...options, job: id, from, path, upstream, ...defined({ host }) }
}

async function answer(name: Name, ask: Ask): Promise<string> {
  const question = QUESTIONS[name]
  if (ask) return ask(question)
  const option = name === 'job' ? '<job>' : `--${name}`
  throw new UsageError(
    `${option}: expected a value such as ${question.placeholder}, got nothing. ${question.message}`,
  )
}
