import { describe, expect, it } from 'vitest'
import { defineJob } from '#shared/declare/job.ts'
import { DeclarationError, declarationErrorLine, evaluateMember } from '#shared/declare/validation.ts'

describe('the line of a declaration error', () => {
  it('is the message alone when no job file is in the stack', () => {
    const error = new DeclarationError('job "prices".schedule: expected a period')

    expect(declarationErrorLine(error)).toBe('job "prices".schedule: expected a period')
  })

  it('begins with the file and line of the job in the stack', () => {
    const error = new DeclarationError('expected a period')
    error.stack = `${error}\n    at file:///home/x/functions/jobs/hama/job.ts:43:25`

    expect(declarationErrorLine(error)).toBe('functions/jobs/hama/job.ts:43: expected a period')
  })

  it('does not exist for other errors, which keep their stack', () => {
    expect(declarationErrorLine(new TypeError('x is undefined'))).toBeUndefined()
  })
})

describe('a member that fails to evaluate', () => {
  it('is named once in the message, however deep the failure', () => {
    const evaluate = () =>
      evaluateMember('job "a"', () =>
        evaluateMember('job "a".run', () => {
          throw new TypeError('expected a duration')
        }),
      )

    expect(evaluate).toThrow(new DeclarationError('job "a".run: expected a duration'))
  })

  it('is named for a bad unit of a nested member', () => {
    const define = () => defineJob({ ...bare, run: { mode: 'plain', deadline: '5 fortnights' as '5 days' } })

    expect(define).toThrow(/^job "prices"\.run\.deadline: expected a duration .* got "5 fortnights"$/)
  })
})

const bare = {
  id: 'prices',
  title: 'Prices',
  priority: 'P2',
  settings: {},
  schedule: { on: 'demand' },
  upstream: 'exchange',
  freshness: { freshFor: '1 hour', serveStaleFor: '2 hours', keepFor: '1 day' },
  stored: 'items',
  envelope: 'plain',
  reads: [],
} as const
