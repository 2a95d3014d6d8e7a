import { SettingsError } from './settings.ts'

/**
 * Parses an ordered list of base URLs: comma separated, `https:` unless loopback, no credentials, query or fragment.
 *
 * @throws {SettingsError} naming the setting; the message shows the origin of the illegal URL at most
 */
export function parseBaseUrls(setting: string, text: string): URL[] {
  const urls = text.split(',').map((part) => part.trim())
  return urls.map((part) => {
    const url = URL.parse(part)
    const isLegal =
      url !== null &&
      (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) &&
      url.username === '' &&
      url.password === '' &&
      url.search === '' &&
      url.hash === ''
    if (isLegal) return url
    const got = url === null ? JSON.stringify(part) : `${url.protocol}//${url.host}`
    throw new SettingsError([
      {
        name: setting,
        message: `expected base URLs, https: unless loopback, without query or user; got ${got}`,
      },
    ])
  })
}

/** Whether a host is this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
