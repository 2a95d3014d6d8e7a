import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = process.cwd()
const page = readFileSync(join(ROOT, 'docs/security.md'), 'utf8')

/** The statements of all tables, each with the tests that prove it. */
const statements = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| what |'))
  .map((line) => ({
    what: line.split('|')[1]?.trim() ?? '',
    cells: line.split('|').slice(1, -1),
    links: [...line.matchAll(/\[([^\]]+)\]\(\.\.\/(test\/[^)]+)\)/g)].map(([, name = '', file = '']) => ({
      name,
      file,
    })),
  }))

describe('the page of security', () => {
  test('has statements on entry points, roles and secrets', () => {
    expect(statements.length).toBeGreaterThan(14)
    expect(page.match(/^## .*/gm)).toEqual([
      '## Entry points',
      '## Roles',
      '## Secrets and external input',
      '## The proxy of freshet ui',
      '## What is not protected',
    ])
  })

  test.each(statements)('names who may, and links the tests that prove it: $what', ({ cells, links }) => {
    expect(cells).toHaveLength(3)
    for (const cell of cells) expect(cell).toMatch(/\S/)
    expect(links).not.toEqual([])
  })

  test.each(statements.flatMap(({ links }) => links))('links a test of $file that is named $name', (link) => {
    const file = join(ROOT, link.file)

    expect(existsSync(file)).toBe(true)
    expect(titlesIn(file).filter((title) => title.startsWith(link.name))).not.toEqual([])
  })
})

/** Titles of tests and their groups. */
function titlesIn(file: string): string[] {
  const calls = /\b(?:test|it|describe)\b[^'"`\n]*\(\s*(['"`])(.*?)\1\s*,/g
  const tables = /^\]\s*(?:as const)?\)\(\s*(['"`])(.*?)\1/gm
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(calls), ...text.matchAll(tables)].map(([, , title = '']) => title)
}
