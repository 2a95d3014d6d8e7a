import { defined } from '#shared/domain/defined.ts'
import type { ControlStore } from '#shared/domain/ports/store.ts'
import type { Control } from '#shared/domain/records/control.ts'
import { type AttributeInput, type Attributes, Fields } from './table/attributes.ts'
import { controlKey } from './table/keys.ts'
import { revisionCondition, type Table } from './table/table.ts'

/** The control of a job without any decision by an operator. */
export const noControl: Control = { revision: 0 }

/** Decisions of operators in DynamoDB. */
export function dynamoControls(table: Table): ControlStore {
  return {
    async get(job) {
      const key = controlKey(job)
      return table.decode(key, await table.get(key, true), readControl) ?? noControl
    },

    async replace(job, to) {
      const key = controlKey(job)
      const result = await table.put(key, toRecord(to), revisionCondition(to.revision))
      if (result.done) return { written: true }
      const stored = table.decode(key, result.stored, readControl) ?? noControl
      return stored.change === to.change ? { written: true } : { written: false, stored }
    },
  }
}

function toRecord({ pause, skip, overrides, ...rest }: Control): Readonly<Record<string, AttributeInput>> {
  return {
    ...rest,
    ...defined({
      pause: pause && { ...pause },
      skip: skip && { ...skip },
      overrides: overrides && {
        ...defined({
          intervalMs: overrides.intervalMs,
          toleranceMs: overrides.toleranceMs,
          decidedAt: overrides.decidedAt,
          items: overrides.items && JSON.stringify(overrides.items),
          settings: overrides.settings && JSON.stringify(overrides.settings),
        }),
      },
    }),
  }
}

/** @throws {TypeError | SyntaxError} for a record that cannot be decoded */
export function readControl(attributes: Attributes): Control {
  const fields = new Fields(attributes)
  const pause = fields.optionalRecord('pause')
  const skip = fields.optionalRecord('skip')
  const overrides = fields.optionalRecord('overrides')
  return {
    revision: fields.number('revision'),
    ...defined({
      change: fields.optionalText('change'),
      pause: pause && { until: pause.number('until'), reason: pause.text('reason'), by: pause.text('by') },
      skip: skip && { tick: skip.number('tick'), reason: skip.text('reason'), by: skip.text('by') },
      overrides: overrides && readOverrides(overrides),
    }),
  }
}

function readOverrides(fields: Fields) {
  return defined({
    intervalMs: fields.optionalNumber('intervalMs'),
    toleranceMs: fields.optionalNumber('toleranceMs'),
    decidedAt: fields.optionalNumber('decidedAt'),
    items: fields.optionalJson<readonly string[]>('items'),
    settings: fields.optionalJson<Record<string, string>>('settings'),
  })
}
