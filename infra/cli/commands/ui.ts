import { errorMessage } from '#shared/domain/text.ts'
import { CliError, EXIT } from '../cli-error.ts'
import type { AddCommands, Session } from '../session.ts'

interface UiOptions {
  readonly port?: string
  readonly open: boolean
}

/** The page, as an operator. */
export const addUiCommand: AddCommands = (program, session) => {
  program
    .command('ui')
    .description('opens the page as an operator: a proxy on 127.0.0.1 signs its requests, until Ctrl-C')
    .option('--port <number>', 'port of the proxy; any free port by default')
    .option('--no-open', 'prints the address, and opens no browser')
    .action(async ({ port = '0', open }: UiOptions) => {
      if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
        throw new CliError(`--port: expected a number up to 65535, got ${port}`, { exitCode: EXIT.usage })
      await runUi(await session(), Number(port), open)
    })
}

async function runUi(session: Session, port: number, open: boolean): Promise<void> {
  const { line, print, connection } = session
  const { BrowserSessions } = await import('../proxy/browser-sessions.ts')
  const sessions = new BrowserSessions(Date.now)
  const proxy = await startProxy(session, sessions, port)
  const printAddress = () => {
    const address = `${proxy.origin}/?token=${sessions.issueToken()}`
    print({ address }, () => address)
    return address
  }
  const address = printAddress()
  line(`It works once, within 60 seconds, and operates ${connection.url.origin}. Enter prints another one.`)
  if (open && process.stdout.isTTY) await openIn(address, line)
  process.stdin.on('data', printAddress)
  await interruption()
  process.stdin.destroy()
  await proxy.close()
}

async function startProxy(
  { connection, line }: Session,
  sessions: InstanceType<typeof import('../proxy/browser-sessions.ts')['BrowserSessions']>,
  port: number,
) {
  const { refusalHint } = await import('../refusal.ts')
  if (!connection.sign)
    throw new CliError('no credentials of an operator', { hint: refusalHint(connection, '') })
  const { startSigningProxy } = await import('../proxy/signing-proxy.ts')
  try {
    return await startSigningProxy({
      connection,
      sessions,
      port,
      onRepeatedToken: () => line('An address was opened twice: its session has ended.'),
      onFault: (error) => line(`A request has failed: ${errorMessage(error)}`),
    })
  } catch (error) {
    throw new CliError(
      `--port: ${port} cannot be used: ${errorMessage(error)}`,
      { hint: PORT_HINT },
      { cause: error },
    )
  }
}

const PORT_HINT = 'Leave --port out, or name another one.'

async function openIn(address: string, line: Session['line']): Promise<void> {
  const { openBrowser, openerOf } = await import('../proxy/open-browser.ts')
  const opener = openerOf(process.platform, process.env)
  if (opener && !(await openBrowser(address, opener)))
    line(`${opener[0]} cannot be started: open the address yourself.`)
}

/** Ctrl-C, or the end by another process; repetitions do not cut off the end. */
function interruption(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
  })
}
