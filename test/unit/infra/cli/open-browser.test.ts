import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { openBrowser, openerOf } from '#infra/cli/proxy/open-browser.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

test.each([
  ['darwin', {}, ['open']],
  ['win32', {}, ['rundll32', 'url.dll,FileProtocolHandler']],
  ['linux', { DISPLAY: ':0' }, ['xdg-open']],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, ['xdg-open']],
  ['linux', {}, undefined],
] as const)('on %s with %j an address is opened by %j', (platform, env, opener) => {
  expect(openerOf(platform, env)).toEqual(opener)
})

test('an opener gets the address as its last argument', async () => {
  const file = join(await temporaryDirectory(), 'address')

  const isOpened = await openBrowser('http://127.0.0.1:1/?token=a&b', [
    'sh',
    '-c',
    `printf %s "$0" > ${file}`,
  ])

  expect(isOpened).toBe(true)
  await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toBe('http://127.0.0.1:1/?token=a&b'))
})

test('without an opener nothing is opened', async () => {
  expect(await openBrowser('http://127.0.0.1:1/', ['no-such-opener'])).toBe(false)
})
