import type { Chart } from './charts.ts'

/** Lines over time that share an axis. */
type Lines = Extract<Chart, { kind: 'series' }>['lines']

/** Figures further apart than this need an axis of their own, because the smaller one would be a flat line. */
const MAX_RATIO = 5

/** More lines in one panel look alike. */
const MAX_LINES = 4

/** More panels than this are left to the table. */
const MAX_PANELS = 3

/** Groups lines by their magnitude, in their order: prices share an axis, a rate beside them has its own. */
export function panelsOf(lines: Lines): readonly Lines[] {
  const panels: { readonly size: number; readonly lines: Lines[number][] }[] = []
  for (const line of lines) {
    const size = Math.max(...line.figures.map((figure) => Math.abs(figure ?? 0)))
    const panel = panels.find((one) => isAlike(one.size, size) && one.lines.length < MAX_LINES)
    if (panel) panel.lines.push(line)
    else panels.push({ size, lines: [line] })
  }
  return panels.slice(0, MAX_PANELS).map((panel) => panel.lines)
}

function isAlike(a: number, b: number): boolean {
  return Math.max(a, b) <= MAX_RATIO * Math.min(a, b)
}
