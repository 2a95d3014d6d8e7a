import { Command, type CommanderError } from 'commander'
import { CliError, EXIT } from './cli-error.ts'
import { addControlCommands } from './commands/control.ts'
import { addDataCommands } from './commands/data.ts'
import { addJobCommands } from './commands/jobs.ts'
import { addRunCommands } from './commands/runs.ts'
import type { Session } from './session.ts'

const ABOUT = `Operates a running Freshet: the one that npm start runs here, or a deployment.

Exit codes: 0 done; 1 refused or no answer; 2 wrong usage; explain: 10 stale, 11 gone.`

/** The command line. */
export function freshetProgram(env: Readonly<Record<string, string | undefined>>): Command {
  const program = new Command('freshet')
    .description(ABOUT)
    .option('--url <url>', 'the system; FRESHET_URL, else the one on this machine')
    .option(
      '--token <token>',
      'token of an operator; FRESHET_TOKEN, else that of npm start; else AWS credentials sign',
    )
    .option('--region <region>', 'region of the signature; that of the URL, else AWS_REGION')
    .option('--json', 'prints the JSON of the API')
    .showHelpAfterError()
    .exitOverride((error) => {
      throw usageError(error)
    })
  const session = async (): Promise<Session> => {
    const options = program.opts<{ url?: string; token?: string; region?: string; json?: boolean }>()
    // only where it is needed: help and wrong usage send no request
    const [{ connectionOf }, { apiClient, callApi }] = await Promise.all([
      import('./connection.ts'),
      import('./api.ts'),
    ])
    const connection = await connectionOf(options, env)
    return {
      api: apiClient(connection),
      call: (method, path, body) => callApi(connection, method, path, body),
      print: (body, text) => console.log(options.json ? JSON.stringify(body, null, 2) : text()),
    }
  }
  for (const add of [addJobCommands, addRunCommands, addControlCommands, addDataCommands])
    add(program, session)
  return program
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
