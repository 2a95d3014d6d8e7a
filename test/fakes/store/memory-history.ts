import type { OperatorStore } from '#shared/domain/ports/store.ts'
import { type HistoryRow, historyFlaw } from '#shared/domain/records/publication.ts'
import { at, type Memory } from './memory.ts'

/** The rows of history of the in-memory store: an entity is listed while it has rows. */
export function historyIn({ history }: Memory): Pick<OperatorStore, 'history'> {
  const rowsOf = (job: string, kind: string, entity: string) => {
    const prefix = `${at(job, kind)} ${entity} `
    const rows: [string, HistoryRow][] = []
    for (const entry of history)
      if (entry[1].entity === entity && entry[0].startsWith(prefix)) rows.push(entry)
    return rows.sort(([, a], [, b]) => a.at - b.at)
  }
  return {
    history: {
      put: async (job, rows) => {
        for (const row of rows) history.set(`${at(job, row.kind)} ${row.entity} ${row.at}`, row)
      },
      list: async (job, kind, entity, { from, to, limit }) =>
        rowsOf(job, kind, entity)
          .map(([, row]) => row)
          .filter((row) => historyFlaw(row) === undefined && row.at >= from && row.at <= to)
          .toReversed()
          .slice(0, limit),
      entities: async (job, kind) => {
        const names = [...history]
          .filter(([name, row]) => name === `${at(job, kind)} ${row.entity} ${row.at}`)
          .map(([, { entity }]) => entity)
        return [...new Set(names)].toSorted()
      },
      remove: async (job, kind, entity, { before = Number.POSITIVE_INFINITY, limit }) => {
        const rows = rowsOf(job, kind, entity).filter(([, row]) => row.at < before)
        const removed = rows.slice(0, limit)
        for (const [name] of removed) history.delete(name)
        return removed.length
      },
      count: async (job, kind, entity) => rowsOf(job, kind, entity).length,
    },
  }
}
