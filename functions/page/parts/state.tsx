import type { Dataset } from '#shared/client/client.ts'

/** A sign beside each word, so that no state differs from another by its colour alone. */
const SIGNS: Readonly<Record<Dataset['state'], string>> = {
  fresh: '●',
  overdue: '▲',
  paused: '❚❚',
  pending: '◌',
  'on-demand': '○',
  off: '■',
}

/** The state of a dataset in a sign, a word and a colour. */
export function State({ state }: Pick<Dataset, 'state'>) {
  return (
    <span class={`state ${state}`}>
      <span aria-hidden="true">{SIGNS[state]}</span> {state}
    </span>
  )
}

/** Whether data are simulated, or those of a real provider. */
export function SourceLabel({ source }: { readonly source: Dataset['data_source'] }) {
  return <span class={`label ${source}`}>{source}</span>
}
