import { spawn } from 'node:child_process'

type Environment = Readonly<Record<string, string | undefined>>

/** The program by which a platform opens an address; `undefined` without a desktop. */
export function openerOf(platform: NodeJS.Platform, env: Environment): readonly string[] | undefined {
  if (platform === 'darwin') return ['open']
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler']
  // without a desktop, xdg-open would start a browser for terminals in the place of the command
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? ['xdg-open'] : undefined
}

/** Opens an address in the operator's browser. @returns whether there is a program that does */
export function openBrowser(address: string, opener: readonly string[]): Promise<boolean> {
  const [program = '', ...args] = opener
  const child = spawn(program, [...args, address], { stdio: 'ignore', detached: true })
  return new Promise((resolve) => {
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}
