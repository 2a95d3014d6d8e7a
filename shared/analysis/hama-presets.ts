interface Smoothing {
  readonly by: 'ema' | 'wma'
  readonly period: number
}

/** How HAMA candles are smoothed, and the average they are held against. */
export interface HamaPreset {
  readonly open: Smoothing
  readonly high: Smoothing
  readonly low: Smoothing
  readonly close: Smoothing
  /** A weighted average of so many raw closes, or closes of HAMA candles. */
  readonly average: { readonly period: number; readonly of: 'close' | 'hama-close' }
  /** With fewer closed bars there are not two values of candle and average, so that no cross can be seen. */
  readonly barsNeeded: number
}

export type HamaPresetName = keyof typeof hamaPresets

const emaOf = (period: number): Smoothing => ({ by: 'ema', period })
const wmaOf = (period: number): Smoothing => ({ by: 'wma', period })

/** The presets: `pine` as the indicator was published, `classic` and `service` as two applications adapted it. */
export const hamaPresets = {
  pine: {
    open: emaOf(45),
    high: emaOf(20),
    low: emaOf(20),
    close: wmaOf(40),
    average: { period: 100, of: 'close' },
    barsNeeded: 101,
  },
  classic: {
    open: emaOf(25),
    high: emaOf(20),
    low: emaOf(20),
    close: wmaOf(20),
    average: { period: 55, of: 'hama-close' },
    barsNeeded: 75,
  },
  service: {
    open: emaOf(45),
    high: emaOf(20),
    low: emaOf(20),
    close: emaOf(20),
    average: { period: 100, of: 'hama-close' },
    barsNeeded: 120,
  },
} as const satisfies Readonly<Record<string, HamaPreset>>

/** Their names. */
export const hamaPresetNames = Object.keys(hamaPresets) as HamaPresetName[]
