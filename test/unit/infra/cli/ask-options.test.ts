import { expect, test } from 'vitest'
import { completeOptions, type Question } from '#infra/cli/ask-options.ts'

const DECLARED = ['coingecko']
const OPTIONS = { from: 'sample.json', path: '/v1/prices', upstream: 'acme' }

/** A user who answers each question with its example. */
function user() {
  const questions: string[] = []
  const ask = async ({ message, placeholder }: Question) => {
    questions.push(message)
    return placeholder
  }
  return { questions, ask }
}

test('a terminal asks for the options that are missing, and for the host of a provider that is not declared', async () => {
  const { questions, ask } = user()

  const options = await completeOptions(undefined, { key: 'symbol' }, DECLARED, ask)

  expect(options).toEqual({
    job: 'prices',
    from: 'sample.json',
    path: '/v1/prices',
    upstream: 'acme',
    host: 'api.example.com',
    key: 'symbol',
  })
  expect(questions).toHaveLength(5)
})

test.each([
  ['is declared', { ...OPTIONS, upstream: 'coingecko' }],
  ['has a URL as its sample', { ...OPTIONS, from: 'https://api.acme.test/v1' }],
  ['has a host', { ...OPTIONS, host: 'api.acme.test' }],
])('a terminal asks for nothing if the provider %s', async (_, options) => {
  const { questions, ask } = user()

  expect(await completeOptions('prices', options, DECLARED, ask)).toEqual({ ...options, job: 'prices' })
  expect(questions).toEqual([])
})

test.each([
  ['<job>', undefined, OPTIONS],
  ['--from', 'prices', { path: '/v1/prices', upstream: 'acme' }],
  ['--path', 'prices', { from: 'sample.json', upstream: 'acme' }],
  ['--upstream', 'prices', { from: 'sample.json', path: '/v1/prices' }],
])('without a terminal, %s is named if it is missing', async (name, job, options) => {
  await expect(completeOptions(job, options, DECLARED, undefined)).rejects.toThrow(
    new RegExp(`^${name}: expected a value such as `),
  )
})

test('without a terminal, a missing host is left to the project, which has the providers', async () => {
  expect(await completeOptions('prices', OPTIONS, DECLARED, undefined)).toEqual({ ...OPTIONS, job: 'prices' })
})
