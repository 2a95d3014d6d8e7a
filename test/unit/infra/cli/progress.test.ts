import { describe, expect, it } from 'vitest'
import { endText, progressText } from '#infra/cli/commands/trigger.ts'
import { ProgressLine } from '#infra/cli/progress-line.ts'
import type { Run } from '#shared/client/generated/types.ts'

const START = Date.UTC(2026, 10, 29, 12)
const ID = 'hama-01JD8Y6W3V9S2K4N7Q0R5T1XZA'
const RUN: Run = {
  run_id: ID,
  job: 'hama',
  cause: 'operator',
  tick: null,
  key: null,
  input: null,
  outcome: 'running',
  is_lease_expired: false,
  reason: null,
  message: null,
  started_at: new Date(START).toISOString(),
  ended_at: null,
  duration_seconds: null,
  progress: null,
  counts: null,
  lost: null,
  attempts: null,
  duplicates: 0,
}

describe('the progress of a run', () => {
  it('is in words: what it waits for, how long it runs, how many requests have ended', () => {
    const texts = [
      progressText(ID, undefined, START),
      progressText(ID, RUN, START + 2_000),
      progressText(ID, { ...RUN, progress: { planned: 200, done: 40, failed: 0 } }, START + 65_000),
      progressText(ID, { ...RUN, progress: { planned: 200, done: 80, failed: 3 } }, START + 130_000),
    ]

    expect(texts.map((text) => text.slice(ID.length + 2))).toEqual([
      'waits for its start',
      'running for 2 seconds',
      'running for 1 minute, 40 of 200 requests have ended',
      'running for 2 minutes, 80 of 200 requests have ended, 3 failed',
    ])
  })

  it('ends with the outcome, and with the names of what was lost', () => {
    const lost = { count: 3, names: ['A', 'B', 'C'] }

    expect(endText({ ...RUN, outcome: 'unchanged' })).toBe(`${ID}: unchanged`)
    expect(endText({ ...RUN, outcome: 'partial', message: 'HTTP 404', lost })).toBe(
      `${ID}: partial: HTTP 404\nlost 3: A, B, C`,
    )
    expect(endText({ ...RUN, outcome: 'failed', message: 'x', lost: { count: 9, names: ['A'] } })).toMatch(
      /\nlost 9: A, …$/,
    )
  })
})

describe('a line of progress', () => {
  function opened(isTTY: boolean) {
    const written: string[] = []
    const clock = { at: 0 }
    const line = new ProgressLine({ isTTY, write: (text) => written.push(text) }, () => clock.at)
    return { written, clock, line }
  }

  it('is rewritten on a terminal, and cleared at the end', () => {
    const { written, line } = opened(true)

    for (const text of ['one', 'one', 'two']) line.show(text)
    line.clear()

    expect(written).toEqual(['\r\u001b[2Kone', '\r\u001b[2Ktwo', '\r\u001b[2K'])
  })

  it('is a plain line every five seconds without a terminal', () => {
    const { written, clock, line } = opened(false)

    for (clock.at = 0; clock.at <= 10_000; clock.at += 1_000) line.show(`at ${clock.at}`)
    line.clear()

    expect(written).toEqual(['at 0\n', 'at 5000\n', 'at 10000\n'])
  })
})
