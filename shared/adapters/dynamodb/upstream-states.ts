import { defined } from '#shared/domain/defined.ts'
import type { FailReason } from '#shared/domain/errors.ts'
import type { UpstreamStore } from '#shared/domain/ports/store.ts'
import type {
  CallCount,
  CoolDown,
  Escalation,
  UpstreamState,
  UsageCoolDown,
} from '#shared/domain/records/upstream-state.ts'
import { type Attributes, Fields } from './table/attributes.ts'
import { upstreamKey } from './table/keys.ts'
import { revisionCondition, type Table } from './table/table.ts'

/** The state of a provider that was never called. */
export const noUpstreamState: UpstreamState = { revision: 0, connections: {}, breaker: { failures: 0 } }

/** States of providers in DynamoDB. */
export function dynamoUpstreams(table: Table): UpstreamStore {
  return {
    async get(name) {
      const key = upstreamKey(name)
      return table.decode(key, await table.get(key, true), readUpstreamState) ?? noUpstreamState
    },

    async replace(name, to) {
      const key = upstreamKey(name)
      const result = await table.put(key, toRecord(to), revisionCondition(to.revision))
      if (result.done) return { written: true }
      const stored = table.decode(key, result.stored, readUpstreamState) ?? noUpstreamState
      return stored.change === to.change ? { written: true } : { written: false, stored }
    },
  }
}

function toRecord(state: UpstreamState) {
  const { coolDown, usageCoolDown, escalation, connections, breaker, day, month, ...rest } = state
  const { probe, ...breakerState } = breaker
  return {
    ...rest,
    ...defined({
      coolDown: coolDown && { ...coolDown },
      usageCoolDown: usageCoolDown && { ...usageCoolDown },
      escalation: escalation && { ...escalation },
      day: day && { ...day },
      month: month && { ...month },
    }),
    connections: Object.fromEntries(
      Object.entries(connections).map(([owner, connection]) => [owner, { ...connection }]),
    ),
    breaker: { ...breakerState, ...defined({ probe: probe && { ...probe } }) },
  }
}

/** @throws {TypeError} for a record that cannot be decoded */
export function readUpstreamState(attributes: Attributes): UpstreamState {
  const fields = new Fields(attributes)
  const coolDown = fields.optionalRecord('coolDown')
  const connections = fields.record('connections')
  const breaker = fields.record('breaker')
  const probe = breaker.optionalRecord('probe')
  return {
    revision: fields.number('revision'),
    connections: Object.fromEntries(
      connections.names().map((owner) => {
        const connection = connections.record(owner)
        const isInteractive = connection.optionalFlag('isInteractive') || undefined
        return [
          owner,
          {
            max: connection.number('max'),
            until: connection.number('until'),
            ...defined({ isInteractive }),
          },
        ]
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
      escalation: readEscalation(fields),
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
      since: fields.optionalNumber('since'),
      message: fields.optionalText('message'),
      backoffMs: fields.optionalNumber('backoffMs'),
      secretVersion: fields.optionalText('secretVersion'),
    }),
  }
}

function readUsageCoolDown(fields: Fields): UsageCoolDown | undefined {
  const coolDown = fields.optionalRecord('usageCoolDown')
  return coolDown && { until: coolDown.number('until'), used: coolDown.number('used') }
}

function readEscalation(fields: Fields): Escalation | undefined {
  const escalation = fields.optionalRecord('escalation')
  return (
    escalation && {
      failures: escalation.number('failures'),
      ...defined({ coolDownMs: escalation.optionalNumber('coolDownMs') }),
    }
  )
}

function readCallCount(fields: Fields, name: 'day' | 'month'): CallCount | undefined {
  const count = fields.optionalRecord(name)
  return count && { period: count.text('period'), calls: count.number('calls') }
}
