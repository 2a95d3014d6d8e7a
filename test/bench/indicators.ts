import { technicalRecord } from '#shared/analysis/portfolio/technical-record.ts'
import { parseAlphaVantageBars } from '#shared/upstreams/stocks/alpha-vantage-bars.ts'
import { calmRows, dailyBody } from '#test/fakes/jobs/technical.ts'
import { gate, median, note, shuffled } from './measure.ts'

/*
 * The technical indicators of a symbol, compared with the strict parse of the same bars from the text of an answer, in one
 * process and interleaved: at most three times as long, as medians.
 */

const NOW = Date.UTC(2026, 10, 24, 15)
const ROUNDS = 2_000
const WARM_UP = 500
const TIMES = 3

const text = JSON.stringify(dailyBody('AAPL', calmRows('2026-11-23', 100)))
const parse = () => parseAlphaVantageBars(JSON.parse(text), { symbol: 'AAPL', now: NOW }).bars
const bars = parse()
const subjects = { parse, indicators: () => technicalRecord('AAPL', bars) }
const tookMs: Record<keyof typeof subjects, number[]> = { parse: [], indicators: [] }

for (let round = -WARM_UP; round < ROUNDS; round += 1) {
  for (const name of shuffled(Object.keys(subjects) as (keyof typeof subjects)[])) {
    const startedAt = performance.now()
    subjects[name]()
    if (round >= 0) tookMs[name].push(performance.now() - startedAt)
  }
}

note('milliseconds of the strict parse of 100 bars', median(tookMs.parse))
note('milliseconds of their indicators', median(tookMs.indicators))
gate('indicators compared with the parse', median(tookMs.indicators) / median(tookMs.parse), TIMES)
