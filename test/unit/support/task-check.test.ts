import { expect, test } from 'vitest'
import { type TaskView, taskFaults } from '#test/support/expectations/task-check.ts'

const BY = 100_000
const view = (state: string, finalState = ''): TaskView => ({ task: 'one', state, finalState })

test.each([
  ['PENDING', 'RUNNING'],
  ['RUNNING', 'RUNNING'],
  ['PENDING', 'CANCELLED'],
  ['SUCCEEDED', 'SUCCEEDED'],
])('from %s to %s a task may go', (before, now) => {
  expect(taskFaults(view(now), { view: view(before), endsBy: BY }, BY - 1)).toEqual([])
})

test.each<[string, TaskView, TaskView, number]>([
  ['back from running', view('RUNNING'), view('PENDING'), 0],
  ['on after its end', view('PARTIAL', 'x'), view('RUNNING', 'x'), 0],
  ['to another end', view('SUCCEEDED', 'x'), view('TIMED_OUT', 'x'), 0],
  ['to the same end at another time', view('TIMED_OUT', '05:01'), view('TIMED_OUT', '08:59'), 0],
  ['on past its deadline', view('RUNNING'), view('RUNNING'), BY],
])('a task that goes %s is a fault', (_, before, now, sentAt) => {
  expect(taskFaults(now, { view: before, endsBy: BY }, sentAt)).not.toEqual([])
})
