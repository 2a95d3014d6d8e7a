import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import type { Chart } from '../data/charts.ts'
import { panelsOf } from '../data/panels.ts'

const HEIGHT = 220

type Series = Extract<Chart, { kind: 'series' }>

interface SeriesProps {
  readonly chart: Series
  readonly title: string
}

/** Figures over time, one panel for those of a magnitude. A `null` is a gap; nothing else is. */
export function SeriesChart({ chart: { kind, times, lines }, title }: SeriesProps) {
  return (
    <>
      {panelsOf(lines).map((panel) => {
        const names = panel.map(({ name }) => name).join(', ')
        return <Panel key={names} chart={{ kind, times, lines: panel }} title={`${title}: ${names}`} />
      })}
    </>
  )
}

function Panel({ chart, title }: SeriesProps) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = box.current
    if (!element) return
    const plot = new uPlot(optionsOf(chart, element), dataOf(chart), element)
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.destroy()
    }
  }, [chart])
  return (
    <div class="chart" ref={box} role="img" aria-label={`${title}; the table below has the same figures`} />
  )
}

function dataOf({ times, lines }: Series): uPlot.AlignedData {
  return [[...times], ...lines.map(({ figures }) => [...figures])]
}

const DAY = '\n{YYYY}-{MM}-{DD}'

/** How an axis of time is labelled, by the seconds between two labels: the format, and what is added where the day changes. */
const TIME_LABELS: uPlot.Axis.Values = [
  [31_536_000, '{YYYY}', null, null, null, null, null, null, 1],
  [2_419_200, '{YYYY}-{MM}', null, null, null, null, null, null, 1],
  [86_400, '{MM}-{DD}', '\n{YYYY}', null, null, null, null, null, 1],
  [60, '{HH}:{mm}', DAY, null, DAY, null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', DAY, null, DAY, null, null, null, 1],
]

function optionsOf({ lines }: Series, element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(element)
  const text = style.getPropertyValue('--pico-color')
  const axis = { stroke: text, grid: { stroke: style.getPropertyValue('--pico-muted-border-color') } }
  return {
    width: element.clientWidth,
    height: HEIGHT,
    axes: [
      { ...axis, values: TIME_LABELS },
      { ...axis, size: 80 },
    ],
    series: [
      { value: '{YYYY}-{MM}-{DD} {HH}:{mm}' },
      ...lines.map(({ name }, index) => ({
        label: name,
        stroke: style.getPropertyValue(`--line-${index + 1}`),
        dash: index === 0 ? [] : [4 + 2 * index, 3],
        width: 2,
      })),
    ],
  }
}
