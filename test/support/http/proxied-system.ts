import { BrowserSessions } from '#infra/cli/proxy/browser-sessions.ts'
import { startSigningProxy } from '#infra/cli/proxy/signing-proxy.ts'
import { awsSigner, type Signer } from '#infra/command/client.ts'
import type { OnCleanup } from '#test/support/temporary/cleanup.ts'
import { rawRequest } from './raw-request.ts'
import { KEYS, REGION, signedSystem } from './signed-system.ts'

interface ProxyOptions {
  readonly sign?: Signer
  /** Path of the system's URL. */
  readonly path?: string
}

/** A system behind the proxy of `freshet ui`, with a clock that the test moves. */
export async function proxiedSystem(atEnd: OnCleanup, { sign, path = '' }: ProxyOptions = {}) {
  const system = await signedSystem(atEnd)
  const clock = { now: 1_800_000_000_000 }
  const sessions = new BrowserSessions(() => clock.now)
  const notices: unknown[] = []
  const proxy = await startSigningProxy({
    connection: {
      url: new URL(path, system.url),
      sign: sign ?? awsSigner(async () => KEYS, REGION),
      signedBy: 'aws',
    },
    sessions,
    port: 0,
    onRepeatedToken: () => notices.push('repeated'),
    onFault: (error) => notices.push(error),
  })
  atEnd(() => proxy.close())
  const open = (token: string) => rawRequest(proxy.origin, `/?token=${token}`)
  /** Headers of a tab that was opened with a one-time address. */
  const newTab = async () => {
    const [, secret] = /data-session="([\w-]+)"/.exec((await open(sessions.issueToken())).text) ?? []
    return { authorization: `Bearer ${secret}` }
  }
  return { system, sessions, clock, notices, proxy, origin: proxy.origin, open, newTab }
}
