import { describe, expect, test } from 'vitest'
import { findingsInNames, findingsInPath, findingsInProse, refusedName } from '#infra/lint/words.ts'

const words = (findings: readonly { readonly word: string }[]) => findings.map(({ word }) => word)

describe('a name', () => {
  test.each([
    'told',
    'heldUntilMs',
    'HELD_MS',
    'lookAt',
    'isKnown',
    'keptAside',
    'allOf',
    'shape',
    'FETCH_MS',
    'onSeen',
  ])('%s is refused', (name) => {
    expect(refusedName(name)).toMatch(/\w/)
  })

  test.each(['unknown', 'notFound', 'given', 'when', 'startsAt', 'lookbackStart', 'taskState', 'reshape'])(
    '%s may stay',
    (name) => {
      expect(refusedName(name)).toBeUndefined()
    },
  )
})

test('names are checked where a source declares them, not where it uses them', () => {
  const source = `
    interface Row { readonly found: boolean; 'is-held': string }
    export function tell(said: string, { wanted: ok }: Options) {
      const seen = z.object({ known: z.string() }).shape
      return other.told + seen + ok
    }`

  expect(words(findingsInNames('a.ts', source))).toEqual([
    'found',
    'is-held',
    'tell',
    'said',
    'seen',
    'known',
  ])
})

test('a finding names the line and what to write', () => {
  expect(findingsInNames('a.ts', 'const a = 1\nconst heed = 2')).toEqual([
    { file: 'a.ts', line: 2, word: 'heed', instead: expect.stringContaining('startCoolDown') },
  ])
})

test.each([
  ['shared/read/ladder.ts', ['ladder']],
  ['infra/kept-aside/index.ts', ['kept-aside']],
  ['infra/checks/made-once.ts', ['made-once']],
  ['shared/read/read-path.ts', []],
  ['test/unit/not-found.test.ts', []],
])('the path %s has the refused words %j', (path, expected) => {
  expect(words(findingsInPath(path))).toEqual(expected)
})

test('prose is checked in comments, texts and documents', () => {
  const text = 'Whoever is told so\nretries a request.\nThe body is kept aside, unless said otherwise.'

  expect(findingsInProse('a.md', text).map(({ line, word }) => [line, word])).toEqual([
    [1, 'Whoever'],
    [1, 'told'],
    [3, 'kept aside'],
    [3, 'unless said'],
  ])
})
