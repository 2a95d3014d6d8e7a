import { expect, it } from 'vitest'
import { mergeBatch, type StoredEvent } from '#functions/jobs/geo-events/event-batch.ts'
import { compress } from '#shared/domain/codec.ts'
import { HOUR_MS } from '#shared/domain/duration.ts'

const NOW = Date.UTC(2026, 10, 20, 12)

/** Largest compressed memory of an item. */
const MAX_MEMORY_BYTES = 300 * 1024

/** A word of random letters, which compresses worse than one of a language. */
function wordOf(random: () => number): string {
  return Array.from({ length: 6 }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join('')
}

function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function articlesOf(random: () => number, count: number, at: number, descriptionWords: number) {
  const words = (length: number) => Array.from({ length }, () => wordOf(random)).join(' ')
  return Array.from({ length: count }, () => {
    const title = words(11)
    const url = `https://${wordOf(random)}.test/2026/11/20/${title.replaceAll(' ', '-')}`
    return {
      title,
      description: words(descriptionWords),
      content: '',
      url,
      source: 'news.test',
      publishedAt: at,
    }
  })
}

it.each([
  ['GDELT', 250, 0, 1_400],
  ['NewsAPI, with descriptions', 250, 35, 1_000],
])('the events of 48 hours of %s fit into one item', (_, perRun, descriptionWords, least) => {
  const random = randomOf(1)
  let recent: readonly StoredEvent[] = []
  for (let run = 0; run < 6; run += 1) {
    const now = NOW + run * 4 * HOUR_MS
    recent = mergeBatch(recent, articlesOf(random, perRun, now - HOUR_MS, descriptionWords), now).recent
  }

  expect(recent.length).toBeGreaterThanOrEqual(least)
  expect(compress(JSON.stringify(recent)).length).toBeLessThanOrEqual(MAX_MEMORY_BYTES)
})

it('two batches have the same rows whether the first one was stored or is repeated', () => {
  const [older, newer] = [articlesOf(randomOf(1), 40, NOW - HOUR_MS, 3), articlesOf(randomOf(2), 40, NOW, 3)]
  const once = mergeBatch([], older, NOW)
  const rowsOf = (rows: readonly StoredEvent[]) =>
    rows.map(({ rowAt, record }) => `${rowAt} ${record.id}`).toSorted()

  const repeated = mergeBatch([], [...older, ...newer], NOW)

  const both = [...once.rows, ...mergeBatch(once.recent, newer, NOW).rows]
  expect(rowsOf(repeated.rows)).toEqual(rowsOf(both))
})
