import { UsageError } from '#infra/command/report-user-errors.ts'
import { CliError, EXIT } from './cli-error.ts'

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
interface Question {
  readonly message: string
  readonly placeholder: string
}

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
 * @throws {CliError} without a message if the user cancels
 */
export async function completeOptions(
  job: string | undefined,
  options: NewOptions,
  declared: readonly string[],
): Promise<RequiredOptions> {
  const answers: Partial<Record<Name, string>> = {}
  const complete = async (name: Name) => {
    const value = name === 'job' ? job : options[name]
    answers[name] = value ?? (await ask(name))
  }
  for (const name of ['job', 'from', 'path', 'upstream'] as const) await complete(name)
  const { job: id = '', from = '', path = '', upstream = '' } = answers
  const hasHost = options.host !== undefined || declared.includes(upstream) || /^https:/.test(from)
  if (!hasHost && isTerminal()) await complete('host')
  return { ...options, ...answers, job: id, from, path, upstream }
}

function isTerminal(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true
}

async function ask(name: Name): Promise<string> {
  if (!isTerminal()) {
    const option = name === 'job' ? '<job>' : `--${name}`
    const { message, placeholder } = QUESTIONS[name]
    throw new UsageError(`${option}: expected a value such as ${placeholder}, got nothing. ${message}`)
  }
  const { isCancel, text } = await import('@clack/prompts')
  const answer = await text({
    ...QUESTIONS[name],
    validate: (value) => (value === undefined || value === '' ? 'A value is needed' : undefined),
  })
  if (isCancel(answer)) throw new CliError('Cancelled; no file was written', { exitCode: EXIT.failed })
  return answer
}
