import { stripVTControlCharacters } from 'node:util'
import { expect, test, vi } from 'vitest'
import { stateText, table } from '#infra/cli/tables.ts'

const ROWS = table(
  ['job', 'state'],
  [
    ['fresh', 'fresh'],
    ['hama', 'overdue'],
  ],
)

test('states have colours where they are asked for, in the columns of states alone, which stay aligned', () => {
  vi.stubEnv('FORCE_COLOR', '1')

  const coloured = table(
    ['job', 'state'],
    [
      ['fresh', 'fresh'],
      ['hama', 'overdue'],
    ],
  )

  expect(coloured).toContain('fresh  \u001b[32mfresh\u001b[39m')
  expect(coloured).toContain('\u001b[31moverdue\u001b[39m')
  expect(stripVTControlCharacters(coloured)).toBe(ROWS)
  expect(stateText('failed (timeout)')).toBe('\u001b[31mfailed (timeout)\u001b[39m')
  expect(stateText('unknown')).toBe('unknown')
})

test('there are none with NO_COLOR', () => {
  vi.stubEnv('FORCE_COLOR', undefined)
  vi.stubEnv('NO_COLOR', '1')

  expect(stateText('failed')).toBe('failed')
})
