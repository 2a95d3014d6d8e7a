import type { Chart } from '../data/charts.ts'

type Rates = Extract<Chart, { kind: 'rates' }>
type Scores = Extract<Chart, { kind: 'scores' }>

/** One bar for each rate, from the middle to its side. */
export function RateBars({ chart: { member, rows } }: { readonly chart: Rates }) {
  const largest = Math.max(...rows.map(({ value }) => Math.abs(value)), Number.MIN_VALUE)
  return (
    <table class="bars">
      <caption>{member}</caption>
      <tbody>
        {rows.map(({ name, value }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <svg viewBox="-50 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                <rect
                  class={value < 0 ? 'below' : 'above'}
                  x={Math.min(0, (value / largest) * 50)}
                  width={(Math.abs(value) / largest) * 50}
                  height="8"
                />
                <rect class="mark" x="-0.25" width="0.5" height="8" />
              </svg>
            </td>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** One meter for each score, from 0 to 100. */
export function ScoreBars({ chart: { rows } }: { readonly chart: Scores }) {
  return (
    <table class="bars">
      <caption>Scores from 0 to 100</caption>
      <tbody>
        {rows.map(({ name, value }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <meter min="0" max="100" value={value} aria-label={name} />
            </td>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
