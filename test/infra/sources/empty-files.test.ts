import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('no tracked file is empty: a command that does nothing succeeds unnoticed', () => {
  const files = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0').filter(Boolean)

  const empty = files.filter((file) => readFileSync(file, 'utf8').trim() === '')

  expect(files.length).toBeGreaterThan(100)
  expect(empty).toEqual([])
})
