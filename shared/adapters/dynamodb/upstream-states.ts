import { defined } from '#shared/domain/defined.ts'
import type { FailReason } from '#shared/domain/errors.ts'
import type { UpstreamStore } from '#shared/domain/ports/store.ts'
import type {
  CallCount,
  CoolDown,
  UpstreamState,
  UsageCoolDown,
} from '#shared/domain/records/upstream-state.ts'
import { type Attributes, Fields } from './table/attributes.ts'
import { upstreamKey } from './table/keys.ts'
import type { Table } from './table/table.ts'

/** What is known of a provider that was never called. */
export const noUpstreamState: UpstreamState = { revision: 0, connections: {}, breaker: { failures: 0 } }

/** What is known of providers, in DynamoDB. */
export function dynamoUpstreams(table: Table): UpstreamStore {
  return {
    async get(name) {
      const key = upstreamKey(name)
      return table.decode(key, await table.get(key, true), readState) ?? noUpstreamState
    },

    async replace(name, to) {
      const key = upstreamKey(name)
      const written = await table.put(key, toRecord(to), {
        condition: to.revision === 1 ? 'attribute_not_exists(revision)' : 'revision = :from',
        ...(to.revision === 1 ? {} : { values: { ':from': to.revision - 1 } }),
      })
      if (written.done) return { written: true }
      const stored = table.decode(key, written.stored, readState) ?? noUpstreamState
      return stored.change === to.change ? { written: true } : { written: false, stored }
    },
  }
}

function toRecord({ coolDown, usageCoolDown, connections, breaker, day, month, ...rest }: UpstreamState) {
  const { probe, ...openness } = breaker
  return {
    ...rest,
    ...defined({
      coolDown: coolDown && { ...coolDown },
      usageCoolDown: usageCoolDown && { ...usageCoolDown },
      day: day && { ...day },
      month: month && { ...month },
    }),
    connections: Object.fromEntries(Object.entries(connections).map(([owner, held]) => [owner, { ...held }])),
    breaker: { ...openness, ...defined({ probe: probe && { ...probe } }) },
  }
}

function readState(attributes: Attributes): UpstreamState {
  const fields = new Fields(attributes)
  const coolDown = fields.optionalRecord('coolDown')
  const connections = fields.record('connections')
  const breaker = fields.record('breaker')
  const probe = breaker.optionalRecord('probe')
  return {
    revision: fields.number('revision'),
    connections: Object.fromEntries(
      connections.names().map((owner) => {
        const held = connections.record(owner)
        return [owner, { max: held.number('max'), until: held.number('until') }]
      }),
    ),
    breaker: {
      failures: breaker.number('failures'),
      ...defined({
        openUntil: breaker.optionalNumber('openUntil'),
        probe: probe && { owner: probe.text('owner'), until: probe.number('until') },
      }),
    },
    ...defined({
      change: fields.optionalText('change'),
      due: fields.optionalNumber('due'),
      coolDown: coolDown && readCoolDown(coolDown),
      usageCoolDown: readUsageCoolDown(fields),
      day: readCallCount(fields, 'day'),
      month: readCallCount(fields, 'month'),
    }),
  }
}

function readCoolDown(fields: Fields): CoolDown {
  return {
    until: fields.number('until'),
    reason: fields.text('reason') as FailReason,
    ...defined({
      backoffMs: fields.optionalNumber('backoffMs'),
      secretVersion: fields.optionalText('secretVersion'),
    }),
  }
}

function readUsageCoolDown(fields: Fields): UsageCoolDown | undefined {
  const full = fields.optionalRecord('usageCoolDown')
  return full && { until: full.number('until'), used: full.number('used') }
}

function readCallCount(fields: Fields, name: 'day' | 'month'): CallCount | undefined {
  const used = fields.optionalRecord(name)
  return used && { period: used.text('period'), calls: used.number('calls') }
}
