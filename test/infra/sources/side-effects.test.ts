import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

/** Where clock, randomness, environment and network may be used: the adapters, the client of apps, the page's own edge, and the edge of each function. */
const EDGES = [
  /^shared\/client\//,
  /^shared\/adapters\//,
  /^functions\/(?:.+\/)?handler\.ts$/,
  /^functions\/runtime\/job-function\.ts$/,
  /^functions\/page\/data\/(?:api|clock|plain-request)\.ts$/,
]

/** `new Date()` is the clock; `new Date(time)` is arithmetic. */
const TOUCHES = {
  'Date.now': /\bDate\s*\.\s*now\b/,
  'new Date()': /\bnew\s+Date\s*(?:\(\s*\)|(?![\s\w(]))/,
  'performance.now': /\bperformance\s*\.\s*now\b/,
  'Math.random': /\bMath\s*\.\s*random\b/,
  'process.env': /\bprocess\s*\.\s*env\b/,
  fetch: /(?<![.\w#])fetch\s*\(/,
}

const sources = globSync(['shared/**/*.ts', 'functions/**/*.{ts,tsx}'])

/** What a source touches of the world, comments apart. */
function touched(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(?<![:'"`])\/\/.*$/gm, '')
  return Object.entries(TOUCHES)
    .filter(([, pattern]) => pattern.test(code))
    .map(([name]) => name)
}

describe('what touches the world is recognised', () => {
  test.each([
    ['const at = Date.now()', ['Date.now']],
    ['const at = new Date()', ['new Date()']],
    ['const at = new Date( ).getTime()', ['new Date()']],
    ['const make = new Date;', ['new Date()']],
    ['const shown = new Date(at).toISOString()', []],
    ['const start = performance.now()', ['performance.now']],
    ['const dice = Math.random', ['Math.random']],
    ["const table = process.env['TABLE']", ['process.env']],
    ["await fetch('https://example.org')", ['fetch']],
    ['const result = await port.fetch(url)', []],
    ['const result = await prefetch(url)', []],
    ['// Date.now() is for the clock', []],
    ['/** never process.env */', []],
  ])('%s', (source, expected) => {
    expect(touched(source)).toEqual(expected)
  })
})

test('nothing but the ports and the edges touches clock, randomness, environment or network', () => {
  const inner = sources.filter((path) => !EDGES.some((edge) => edge.test(path)))

  const touching = inner.flatMap((path) =>
    touched(readFileSync(path, 'utf8')).map((what) => `${path}: ${what}`),
  )

  expect(inner.length).toBeGreaterThan(50)
  expect(inner).toEqual(
    expect.arrayContaining(['functions/page/data/live.ts', 'functions/page/views/app.tsx']),
  )
  expect(touching).toEqual([])
})

test('the edges are where the world is touched', () => {
  const edgeFiles = sources.filter((path) => EDGES.some((edge) => edge.test(path)))

  const touching = edgeFiles.flatMap((path) => touched(readFileSync(path, 'utf8')))

  expect(touching).toEqual(expect.arrayContaining(['Date.now', 'Math.random', 'process.env']))
})
