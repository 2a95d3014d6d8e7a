import type { Dataset } from '#shared/client/client.ts'
import { durationText } from './times.ts'

/** One cell of a strip: how it is drawn, and its figures in words. */
export interface Cell {
  readonly kind: 'good' | 'some' | 'bad' | 'none'
  readonly text: string
}

/** The cell of one clock hour. */
export function hourCell({ at, runs, failed, missed }: Dataset['hours'][number]): Cell {
  const lost = failed + missed
  const text = `${at.slice(11, 16)} UTC: ${runs} runs, ${failed} failed, ${missed} missed`
  if (runs + missed === 0) return { kind: 'none', text }
  return { kind: lost === 0 ? 'good' : lost < runs + missed ? 'some' : 'bad', text }
}

/** The cell of one day: `some` up to a tenth of it overdue. */
export function dayCell({ date, overdue_seconds: seconds }: Dataset['days'][number]): Cell {
  const text = `${date}: ${seconds === 0 ? 'never overdue' : `overdue for ${durationText(seconds * 1_000)}`}`
  return { kind: seconds === 0 ? 'good' : seconds <= 8_640 ? 'some' : 'bad', text }
}
