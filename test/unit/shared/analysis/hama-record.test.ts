import { describe, expect, it } from 'vitest'
import type { Candle } from '#shared/analysis/candles.ts'
import { type HamaAnalysis, hamaAnalysis } from '#shared/analysis/hama.ts'
import { hamaConditions, hamaRecord } from '#shared/analysis/hama-record.ts'
import { closedAfter, seriesG } from './series-g.ts'

const AT = Date.UTC(2026, 10, 20, 15, 1, 7, 999)

function analysed(bars: readonly Candle[] = seriesG(), now = closedAfter(600)): HamaAnalysis {
  return hamaAnalysis(bars, { preset: 'pine', now })
}

describe('the record of series G', () => {
  it('is the documented body, member by member', () => {
    const bars = seriesG(601).map((bar, index) => (index === 600 ? { ...bar, close: 107.53 } : bar))

    const record = hamaRecord(analysed(bars), { symbol: 'BTCUSDT', at: AT })

    expect(JSON.stringify(record)).toBe(
      JSON.stringify({
        hama_analysis: {
          symbol: 'BTCUSDT',
          preset: 'pine',
          trend: 'downtrend',
          candle_pattern: 'red',
          recommendation: 'SELL',
          confidence: 0.932869,
          signals: {
            ha_close: 112.79630341,
            realtime_price: 107.53,
            ha_open: 113.50277819,
            ha_high: 111.85923546,
            ha_low: 110.55876053,
            hama_ma: 114.12511393,
            deviation_pct: 1.164345,
            last_cross_direction: -1,
            last_cross_time: '2026-11-20T13:59:59.999Z',
            trend_strength: 'strong',
            volume_confirmation: false,
            price_vs_ma: 'below',
          },
          technical_indicators: {
            hama_status: 'SELL',
            candle_close: 112.79630341,
            realtime_price: 107.53,
            ma_value: 114.12511393,
            deviation_pct: 1.164345,
            bb_basis: 108.59185257,
            bb_upper: 123.50229653,
            bb_lower: 93.68140862,
            bb_width: 0.27461441,
            squeeze: false,
            expansion: true,
            bars_used: 600,
            gaps: 0,
          },
          timestamp: '2026-11-20T15:01:07Z',
          analysis_note: '',
        },
        conditions: {
          is_uptrend: false,
          is_downtrend: true,
          confidence_above_70: true,
          is_bullish_pattern: false,
          is_bearish_pattern: true,
          has_volume_confirmation: false,
          meets_buy_criteria: false,
          meets_sell_criteria: true,
          summary: 'Downtrend with high strength',
        },
      }),
    )
  })

  it('is null where nothing can be computed', () => {
    const { hama_analysis, conditions } = hamaRecord(analysed(seriesG(50)), { symbol: 'NEWUSDT', at: AT })

    expect(hama_analysis).toMatchObject({
      confidence: null,
      signals: {
        hama_ma: null,
        deviation_pct: null,
        last_cross_direction: null,
        last_cross_time: null,
        trend_strength: null,
      },
      technical_indicators: { ma_value: null, bb_width: null, squeeze: null, bars_used: 50 },
      analysis_note: 'insufficient history',
    })
    expect(conditions.summary).toBe('Sideways: insufficient history, 50 closed bars of the 101 needed')
  })
})

describe('conditions', () => {
  const buy: HamaAnalysis = {
    ...analysed(),
    recommendation: 'BUY',
    trend: 'uptrend',
    confidence: 0.75,
    volumeConfirmation: true,
  }
  const none = {
    is_uptrend: false,
    is_downtrend: false,
    confidence_above_70: false,
    is_bullish_pattern: false,
    is_bearish_pattern: false,
    has_volume_confirmation: false,
    meets_buy_criteria: false,
    meets_sell_criteria: false,
  }

  it('of a BUY with volume meet the criteria to buy', () => {
    expect(hamaConditions(buy)).toEqual({
      ...none,
      is_uptrend: true,
      confidence_above_70: true,
      is_bullish_pattern: true,
      has_volume_confirmation: true,
      meets_buy_criteria: true,
      summary: 'Uptrend with medium strength',
    })
  })

  it.each<[string, Partial<HamaAnalysis>]>([
    ['volume', { volumeConfirmation: false }],
    ['a known volume', { volumeConfirmation: null }],
    ['confidence', { confidence: 0.6999 }],
    ['an uptrend', { trend: 'sideways' }],
    ['a BUY', { recommendation: 'HOLD' }],
  ])('without %s do not meet the criteria to buy', (_, lack) => {
    expect(hamaConditions({ ...buy, ...lack }).meets_buy_criteria).toBe(false)
  })

  it.each<[string, Partial<HamaAnalysis>]>([
    ['confidence', { confidence: 0.6999 }],
    ['a downtrend', { trend: 'sideways' }],
    ['a SELL', { recommendation: 'HOLD' }],
  ])('without %s do not meet the criteria to sell, which ask for no volume', (_, lack) => {
    expect(hamaConditions(analysed()).meets_sell_criteria).toBe(true)
    expect(hamaConditions({ ...analysed(), ...lack }).meets_sell_criteria).toBe(false)
  })

  it('count 0.7 itself as above 70 percent', () => {
    expect(hamaConditions({ ...buy, confidence: 0.7 }).confidence_above_70).toBe(true)
  })

  it.each([
    [1, 'high'],
    [0.8, 'high'],
    [0.79, 'medium'],
    [0.6, 'medium'],
    [0.3, 'low'],
  ])('call a confidence of %f %s', (confidence, level) => {
    expect(hamaConditions({ ...buy, confidence }).summary).toBe(`Uptrend with ${level} strength`)
  })

  it('are all false where nothing can be computed, with the reason', () => {
    const few = analysed(seriesG(15))
    const huge: HamaAnalysis = { ...few, note: 'out of range' }

    expect(hamaConditions(few)).toEqual({
      ...none,
      summary: 'Sideways: insufficient history, 15 closed bars of the 101 needed',
    })
    expect(hamaConditions(huge).summary).toBe('Sideways: out of range')
  })
})
