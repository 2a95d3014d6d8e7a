import { describe, expect, it } from 'vitest'
import { isUnmodifiedSince } from '#shared/read/headers.ts'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'
import { reader } from '#test/fakes/world/clients.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const START = Date.UTC(2026, 10, 20, 12, 1)
const LAST_MODIFIED = 'Fri, 20 Nov 2026 12:01:00 GMT'

async function published() {
  const world = pricesWorld('items', ['AAA'], START)
  world.script(({ url }) => ({ status: 200, body: priceBody(url, 10, START) }))
  await world.tick(START)
  const get = (headers: Record<string, string> = {}, method = 'GET') =>
    reader(world).get('/test/prices/AAA', headers, method)
  return { ...world, get }
}

describe('If-Modified-Since', () => {
  it.each(['GET', 'HEAD'])(
    'is answered with 304 for %s when the value was not published since',
    async (method) => {
      const { get, clock } = await published()
      clock.advance(MINUTE)

      const same = await get({ 'if-modified-since': LAST_MODIFIED }, method)
      const older = await get({ 'if-modified-since': 'Fri, 20 Nov 2026 12:00:59 GMT' }, method)

      expect(same).toMatchObject({ statusCode: 304, body: '', headers: { 'last-modified': LAST_MODIFIED } })
      expect(older.statusCode).toBe(200)
    },
  )

  it('is ignored beside If-None-Match', async () => {
    const { get } = await published()
    const headers = { 'if-modified-since': LAST_MODIFIED }

    const other = await get({ ...headers, 'if-none-match': '"other"' })

    expect(other.statusCode).toBe(200)
  })

  it.each([
    ['Friday, 20-Nov-26 12:01:00 GMT', true],
    ['Fri Nov 20 12:01:00 2026', true],
    ['Fri Nov  6 12:01:00 2026', false],
    ['2026-11-20T12:01:00Z', false],
    ['1795176060', false],
    ['', false],
  ])('understands the dates of RFC 9110 and ignores anything else: %s', (text, expected) => {
    expect(isUnmodifiedSince(text, LAST_MODIFIED)).toBe(expected)
  })
})

describe('the time for which caches may serve a stale response', () => {
  const directives = (control = '') =>
    Object.fromEntries(control.split(', ').map((one) => one.split('=') as [string, string]))

  it.each([0, MINUTE, 30 * MINUTE, 5 * HOUR + 55 * MINUTE, 6 * HOUR - 30 * SECOND])(
    'ends at staleUntil at the latest, %d ms after the check',
    async (ageMs) => {
      const { get, clock } = await published()
      clock.advance(ageMs)

      const { headers } = await get()

      const { 'max-age': maxAge, ...stale } = directives(headers['cache-control'])
      const leftS = (6 * HOUR - ageMs) / SECOND
      const keptS = Number(maxAge) - Number(headers['age'])
      for (const seconds of Object.values(stale).filter((value) => value !== undefined))
        expect(keptS + Number(seconds)).toBeLessThanOrEqual(leftS)
      expect(Object.keys(stale)).toContain('stale-if-error')
    },
  )

  it('is not stated when nothing of it is left', async () => {
    const { get, clock } = await published()
    clock.advance(6 * HOUR - 500)

    const { headers, statusCode } = await get()

    expect([statusCode, headers['cache-control']]).toEqual([200, 'public, max-age=21599'])
  })
})
