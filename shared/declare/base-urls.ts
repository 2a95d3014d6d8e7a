import { errorMessage, shown } from '#shared/domain/text.ts'
import { type Setting, SettingsError } from './settings.ts'

const RULE = 'https: unless loopback, without query or user'

/**
 * Parses an ordered list of base URLs: comma separated, `https:` unless loopback, no credentials, query or fragment.
 *
 * @throws {SettingsError} naming the setting; the message shows the origin of the illegal URL at most
 */
export function parseBaseUrls(setting: string, text: string): URL[] {
  try {
    return text.split(',').map((part) => legalUrl(part.trim(), 'base URLs'))
  } catch (error) {
    throw new SettingsError([{ name: setting, message: errorMessage(error) }], { cause: error })
  }
}

/** The base URL of a provider at an address of the operator's. Optional. */
export function baseUrl({ about }: { about: string }): Setting<string | undefined> {
  return {
    fallback: undefined,
    rule: `a base URL, ${RULE}`,
    about,
    parse: (text) => legalUrl(text, 'a base URL').href,
  }
}

/** @throws {TypeError} with the origin of an illegal URL at most, which may contain a password */
function legalUrl(text: string, expected: string): URL {
  const url = URL.parse(text)
  const isLegal =
    url !== null &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === ''
  if (isLegal) return url
  const got = url === null ? shown(text) : `${url.protocol}//${url.host}`
  throw new TypeError(`expected ${expected}, ${RULE}; got ${got}`)
}

/** Whether a host is this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
