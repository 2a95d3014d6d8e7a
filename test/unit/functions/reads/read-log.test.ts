import { expect, test, vi } from 'vitest'
import { logRead } from '#functions/reads/read-log.ts'
import { consoleLog } from '#shared/adapters/console-log.ts'
import { systemClock } from '#shared/adapters/system-clock.ts'

const job = { id: 'prices', title: 'Prices' }
const route = { path: '/v1/prices' }

/** The lines of one read at a level of the log. */
function linesOf(level: 'DEBUG' | 'INFO', statusCode: number, headers: Record<string, string>) {
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
  logRead(consoleLog('reads', systemClock, level), job, route, { statusCode, headers })
  const lines = write.mock.calls.map(([text]) => JSON.parse(String(text)))
  write.mockRestore()
  return lines
}

const hit = { 'x-cache': 'HIT', age: '14' }

test('a hit has no line by default, and one at level DEBUG with its age', () => {
  expect(linesOf('INFO', 200, hit)).toEqual([])
  expect(linesOf('DEBUG', 200, hit)).toEqual([
    expect.objectContaining({
      level: 'DEBUG',
      message: 'Prices: cache hit (age: 14 seconds)',
      job: 'prices',
      age_s: 14,
      cache: 'HIT',
    }),
  ])
})

test.each([
  [200, { 'x-cache': 'MISS', age: '0' }, 'Prices: cold read, answered after a refresh'],
  [503, {}, 'Prices: cold read, nothing to serve'],
])('a cold read that is answered with %i has a line of INFO by default', (status, headers, message) => {
  expect(linesOf('INFO', status, headers)).toEqual([
    expect.objectContaining({ level: 'INFO', message, status }),
  ])
})

test('a request for what is not found has no line at any level', () => {
  expect(linesOf('DEBUG', 404, {})).toEqual([])
})
