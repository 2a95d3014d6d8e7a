import { expect, test } from 'vitest'
import * as z from 'zod'
import { jobs } from '#functions/jobs/declared.ts'
import { documentOf, openApiDocument } from '#infra/docs/openapi/document.ts'
import { pricesJob } from '#test/fakes/jobs/prices.ts'
import { type BodyDocument, membersOf } from '#test/support/contract/members.ts'

const document = (await openApiDocument(jobs, '1.2.3')) as BodyDocument

function undescribed(body: BodyDocument, tag: string): readonly string[] {
  return membersOf(body, tag).flatMap(({ operation, place, about }) =>
    about === '' ? [`${operation} ${place}`] : [],
  )
}

test.each(['datasets', 'system'])('every member of a response of the tag `%s` is described', (tag) => {
  expect(membersOf(document, tag).length).toBeGreaterThan(20)

  expect(undescribed(document, tag)).toEqual([])
})

test('a member without a description is reported with its operation and its place', () => {
  const inner = z
    .strictObject({ bid: z.string().describe('USD').nullable(), ask: z.string() })
    .describe('rates')
  const schemas = new Map([
    ['/test/prices/{symbol}', z.strictObject({ rows: z.array(inner).describe('rows') })],
  ])

  const body = documentOf([pricesJob('items')], schemas, '0.0.0') as BodyDocument

  expect(undescribed(body, 'datasets')).toEqual(['get /test/prices/{symbol} rows[].ask'])
})

test('the description of a value that may be null is that of its member', () => {
  const stats = membersOf(document, 'datasets').find(({ place }) => place === 'data.eth_dominance_percentage')

  expect(stats?.about).toMatch(/in percent/)
})
