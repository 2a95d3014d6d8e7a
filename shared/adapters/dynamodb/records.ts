import type { Clock } from '#shared/domain/ports/clock.ts'
import type { RecordReader } from '#shared/domain/ports/store.ts'
import { noControl, readControl } from './controls.ts'
import { itemDecoder } from './items.ts'
import { readState } from './job-state-record.ts'
import { noState } from './job-states.ts'
import { readRun } from './runs.ts'
import type { Attributes } from './table/attributes.ts'
import { batchGet } from './table/batches.ts'
import { controlKey, itemKey, runKey, stateKey, type TableKey, upstreamKey } from './table/keys.ts'
import type { TableReader } from './table/table-reader.ts'
import { noUpstreamState, readUpstreamState } from './upstream-states.ts'

/** Reads of records of several kinds, in one request to DynamoDB. */
export function dynamoRecords(table: TableReader, clock: Clock): RecordReader {
  const decodeItem = itemDecoder(table, clock)
  return {
    async getMany({ jobs = [], upstreams = [], runs = [], items = [] }) {
      const keys = [
        ...jobs.flatMap((job) => [stateKey(job), controlKey(job)]),
        ...upstreams.map(upstreamKey),
        ...runs.map(({ job, name }) => runKey(job, name)),
        ...items.map(({ job, name }) => itemKey(job, name)),
      ]
      const stored = new Map(
        (await batchGet(table, clock, keys, true)).map((record) => [nameIn(record), record]),
      )
      const decode = <T>(key: TableKey, read: (attributes: Attributes) => T) =>
        table.decode(key, stored.get(nameOf(key)), read)
      return {
        states: new Map(jobs.map((job) => [job, decode(stateKey(job), readState) ?? noState])),
        controls: new Map(jobs.map((job) => [job, decode(controlKey(job), readControl) ?? noControl])),
        upstreams: new Map(
          upstreams.map((name) => [name, decode(upstreamKey(name), readUpstreamState) ?? noUpstreamState]),
        ),
        runs: new Map(
          runs.flatMap(({ job, name }) => {
            const run = decode(runKey(job, name), readRun)
            return run ? [[name, run]] : []
          }),
        ),
        items: new Map(
          items.flatMap(({ job, name }) => {
            const key = itemKey(job, name)
            const item = decodeItem(job, key.pk, stored.get(nameOf(key)))
            return item ? [[job, item]] : []
          }),
        ),
      }
    },
  }
}

function nameOf({ pk, sk }: TableKey): string {
  return `${pk} ${sk}`
}

function nameIn(record: Attributes): string {
  return nameOf({ pk: record['pk']?.S ?? '', sk: record['sk']?.S ?? '' })
}
