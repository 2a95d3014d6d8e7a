import { Command, type CommanderError } from 'commander'
import metadata from '../../package.json' with { type: 'json' }
import { CliError, EXIT, OWN_EXIT_CODES } from './cli-error.ts'
import { addCompletionCommand } from './commands/completion.ts'
import { addControlCommands } from './commands/control.ts'
import { addDataCommands } from './commands/data.ts'
import { addDlqCommands } from './commands/dlq.ts'
import { addJobCommands } from './commands/jobs.ts'
import { addNewCommand } from './commands/new.ts'
import { addPlanCommand } from './commands/plan.ts'
import { addReleaseCommands } from './commands/release.ts'
import { addRunCommands } from './commands/runs.ts'
import { addSmokeCommand } from './commands/smoke.ts'
import { addTriggerCommand } from './commands/trigger.ts'
import { addUiCommand } from './commands/ui.ts'
import { ProgressLine } from './progress-line.ts'
import type { Session } from './session.ts'

const ADDITIONS = [
  addJobCommands,
  addPlanCommand,
  addRunCommands,
  addTriggerCommand,
  addControlCommands,
  addDataCommands,
  addReleaseCommands,
  addDlqCommands,
  addUiCommand,
  addSmokeCommand,
  addNewCommand,
  addCompletionCommand,
]

const SILENT = { show: () => {}, clear: () => {} }

interface GlobalOptions {
  readonly url?: string
  readonly stage?: string
  readonly token?: string
  readonly region?: string
  readonly json?: boolean
}

const ABOUT = `Operates a running Freshet: the one that npm start runs here, or a deployment.

Exit codes: ${EXIT.ok} done; ${EXIT.failed} refused or no answer; ${EXIT.usage} wrong usage; explain: ${EXIT.stale} stale, ${EXIT.gone} gone.`

/** The command line. */
export function freshetProgram(env: Readonly<Record<string, string | undefined>>): Command {
  const program = new Command('freshet')
    .description(ABOUT)
    .version(metadata.version, '--version', 'prints the version of this command line')
    .option('--url <url>', 'the system; FRESHET_URL, else --stage, else the one on this machine')
    .option('--stage <stage>', 'the deployment of a stage, by the outputs of its stack; FRESHET_STAGE')
    .option(
      '--token <token>',
      'token of an operator; FRESHET_TOKEN, else that of npm start; else AWS credentials sign: keys of the environment, or AWS_PROFILE',
    )
    .option(
      '--region <region>',
      'of the signature and the stack; that of the URL or the stage file, else AWS_REGION, else of the profile',
    )
    .option('--json', 'prints the JSON of the API')
    .showHelpAfterError()
    .exitOverride((error) => {
      throw usageError(error)
    })
  const session = async (): Promise<Session> => {
    const options = program.opts<GlobalOptions>()
    // only where it is needed: help and wrong usage send no request
    const [{ connectionOf }, { apiClient, callApi }] = await Promise.all([
      import('./connection.ts'),
      import('./api.ts'),
    ])
    const connection = await connectionOf(options, env)
    return {
      connection,
      api: apiClient(connection),
      call: (method, path, body) => callApi(connection, method, path, body),
      print: (body, text) => printLine(options.json ? JSON.stringify(body, null, 2) : text()),
      line: (text) => printLine(options.json ? undefined : text),
      progress: options.json ? SILENT : new ProgressLine(process.stderr),
    }
  }
  for (const add of ADDITIONS) add(program, session)
  for (const command of program.commands) {
    const codes = OWN_EXIT_CODES[command.name()]
    if (codes !== undefined) command.addHelpText('after', `\nExit codes: ${codes}.`)
  }
  return program
}

function printLine(text: string | undefined): void {
  if (text !== undefined) console.log(text)
}

/** Commander has printed its message already; help is no error. */
function usageError({ exitCode }: CommanderError): Error {
  return exitCode === 0 ? new HelpShown() : new CliError('', { exitCode: EXIT.usage })
}

class HelpShown extends CliError {
  constructor() {
    super('', { exitCode: EXIT.ok })
  }
}
