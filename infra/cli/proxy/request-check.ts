import type { IncomingMessage } from 'node:http'

/** A request that is refused before anything is sent to the system. */
export interface Rejection {
  readonly status: number
  /** What was expected, what came, and what to do. */
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Methods of the API. A preflight (`OPTIONS`) has no answer, so that pages of other origins cannot send headers. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'] as const

/**
 * Checks who sends a request, before its path and body are read: only pages that this proxy serves, and programs of this
 * machine that name it. A name that an attacker points to 127.0.0.1 (DNS rebinding) is another host, a page of another origin
 * another origin.
 *
 * @param port - of the proxy
 */
export function senderRejection(request: IncomingMessage, port: number): Rejection | undefined {
  const hosts = request.headersDistinct['host'] ?? []
  const [host = ''] = hosts
  const { origin, upgrade, 'sec-fetch-site': site } = request.headers
  if (hosts.length !== 1 || !authoritiesOf(port).includes(host))
    return {
      status: 403,
      message: `Host: expected ${authoritiesOf(port).join(' or ')}, got ${hosts.join(', ')}`,
    }
  if (origin !== undefined && origin !== `http://${host}`)
    return { status: 403, message: `Origin: expected http://${host} or none, got ${origin}` }
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return {
      status: 403,
      message: `Sec-Fetch-Site: expected same-origin or none, got ${String(site)}: open the address itself, not a link of another page`,
    }
  if (upgrade !== undefined) return { status: 400, message: `Upgrade: expected none, got ${upgrade}` }
  const { method = '' } = request
  if (!METHODS.some((one) => one === method))
    return {
      status: 405,
      message: `expected ${METHODS.join(', ')}; got ${method}`,
      headers: { allow: METHODS.join(', ') },
    }
  return undefined
}

function authoritiesOf(port: number): readonly string[] {
  // as browsers write it: without the port of the protocol
  return ['127.0.0.1', 'localhost'].map((name) => new URL(`http://${name}:${port}`).host)
}

/**
 * The URL of the system for the target of a request, below the path of the system's own URL. It is sent as it came: a target
 * that is no path, or that would be sent in another form (dot segments, a fragment, characters that are not encoded), has none.
 *
 * @param system - URL of the system
 */
export function systemUrl(system: URL, target: string): URL | Rejection {
  const base = system.href.replace(/\/$/, '')
  const url = target.startsWith('/') && URL.canParse(base + target) ? new URL(base + target) : undefined
  const sent = url && url.origin + url.pathname + url.search
  if (url && sent === base + target && isUtf8(target)) return url
  return {
    status: 400,
    message: `expected a path and a query as browsers send them, below ${base}; got ${target.slice(0, 200)}`,
  }
}

/** Whether all that is encoded in a target is text: nothing else can be signed. */
function isUtf8(target: string): boolean {
  try {
    decodeURIComponent(target)
    return true
  } catch (error) {
    if (error instanceof URIError) return false
    throw error
  }
}
