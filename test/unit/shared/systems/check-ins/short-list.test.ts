import { expect, test } from 'vitest'
import { droppedRows } from '#shared/systems/check-ins/short-list.ts'

test('rows that a new list does not have any more are counted, new ones are not', () => {
  expect(droppedRows(['1', '2', '3'], ['3', '4'])).toEqual({ dropped_count: 2 })
  expect(droppedRows([], ['1'])).toEqual({ dropped_count: 0 })
})

test('a user id beyond 2^53 is compared as text', () => {
  expect(droppedRows([1, '90071992547409931'], ['90071992547409931'])).toEqual({ dropped_count: 1 })
})
