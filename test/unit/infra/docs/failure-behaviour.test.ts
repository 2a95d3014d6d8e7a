import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = process.cwd()

/** The faults that the page has to cover. */
const REQUIRED = [
  ...['F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'F7', 'F8', 'F10', 'F11', 'F12', 'F13', 'F14', 'F16', 'F17', 'F18'],
  ...[
    'F19',
    'F20',
    'F21',
    'F22',
    'F23',
    'F24',
    'F25',
    'F26',
    'F27',
    'F28',
    'F29',
    'F30',
    'F31',
    'F32',
    'F33',
  ],
  ...[
    'F35',
    'F36',
    'F37',
    'F38',
    'F40',
    'F41',
    'F44',
    'F46',
    'F47',
    'F48',
    'F49',
    'F50',
    'F51',
    'F52',
    'F53',
    'F54',
  ],
  ...[
    'F55',
    'F56',
    'F58',
    'F60',
    'F61',
    'F63',
    'F64',
    'F65',
    'F67',
    'F68',
    'F69',
    'F70',
    'F76',
    'F77',
    'F78',
    'F79',
    'F80',
    'F81',
  ],
]

const page = readFileSync(join(ROOT, 'docs/failure-behaviour.md'), 'utf8')

/** The rows of all tables: a fault each, with the files that prove it. */
const rows = page.split('\n').flatMap((line) => {
  const fault = /^\| (F\d+) \|/.exec(line)?.[1]
  const files = [...line.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, file = '']) => file)
  return fault === undefined ? [] : [{ fault, files, cells: line.split('|').slice(1, -1) }]
})

/** The numbers in the titles of a file's tests: `(F36)`, `(F54, F58)`. */
function faultsIn(file: string): string[] {
  const titles = readFileSync(join(ROOT, file), 'utf8').matchAll(/['"`].*\(((?:[A-Z]\d+(?:, |(?=\))))+)\)/g)
  return [...titles].flatMap(([, list = '']) => list.split(', ').filter((one) => one.startsWith('F')))
}

describe('the page of failures', () => {
  test('has a row for every fault that is required, and none twice', () => {
    const documented = rows.map(({ fault }) => fault)

    expect(documented.toSorted()).toEqual([...new Set(documented)].toSorted())
    expect(REQUIRED.filter((fault) => !documented.includes(fault))).toEqual([])
  })

  test('has a row for every fault that a test names', () => {
    const documented = new Set(rows.map(({ fault }) => fault))
    const files = globSync('test/**/*.ts', { cwd: ROOT })

    const named = files.flatMap((file) => faultsIn(file).map((fault) => ({ fault, file })))

    expect(named.length).toBeGreaterThan(80)
    expect(named.filter(({ fault }) => !documented.has(fault))).toEqual([])
  })

  test.each(rows)('links $fault to tests that name it', ({ fault, files }) => {
    const silent = files.filter((file) => !existsSync(join(ROOT, file)) || !faultsIn(file).includes(fault))

    expect(files).not.toEqual([])
    expect(silent).toEqual([])
  })

  test.each(rows)('has what happens, what a reader and what an operator sees of $fault', ({ cells }) => {
    expect(cells).toHaveLength(5)
    for (const cell of cells) expect(cell).toMatch(/\S/)
  })
})
