import { plainDecimal } from '#shared/domain/json.ts'
import type { Dataset } from '../dataset.ts'
import { isMessage } from '../sample/envelope.ts'
import type { SampleObject } from '../sample/field-type.ts'
import { isObject } from '../sample/infer.ts'
import { Imports, literal, numberCode, property } from './code.ts'
import { Fixture } from './fixture.ts'

/** `test/unit/functions/jobs/<job>/refresh.test.ts`: the published data, bounds, pages and errors, with a fixture of its own. */
export function testFile(dataset: Dataset): string {
  const { id, upstream } = dataset
  const imports = new Imports()
  imports.add('vitest', 'expect', 'test')
  imports.add(`#functions/jobs/${id}/job.ts`, 'job')
  imports.add(`#functions/jobs/${id}/refresh.ts`, 'refresh')
  imports.add('#test/support/jobs/job-harness.ts', 'jobHarness')
  const fixture = new Fixture(dataset, imports)
  const parts = [
    fixture.declaration(),
    publishedTest(dataset, fixture),
    ...boundsTest(dataset, fixture),
    ...errorTest(dataset),
    `
test('the simulated ${upstream.title} has what is read', async () => {
  const harness = jobHarness(job, refresh)

  expect(await harness.tick(harness.clock.now())).toMatchObject({ status: 'succeeded' })
})
`,
  ]
  return `${imports.text()}\n${parts.join('')}`
}

function publishedTest({ key, readPath, cursor }: Dataset, fixture: Fixture): string {
  const reply = cursor
    ? `({ url }) => ({
    status: 200,
    body: url.searchParams.has('${cursor.parameter}') ? ${fixture.answer(`${fixture.rows}.slice(1)`, 'null')} : ${fixture.answer(`${fixture.rows}.slice(0, 1)`, `'next'`)},
  })`
    : `() => ({ status: 200, body: ${fixture.answer()} })`
  const expected = fixture.expectedRecords()
  const [first] = expected
  const data = key
    ? `[${expected.map(({ name, record }) => `{ key: ${literal(name)}, data: ${record} }`).join(', ')}]`
    : (first?.record ?? '{}')
  return `
test('${key ? 'rows are' : 'a record is'} read${cursor ? ' page by page' : ''}, published and served', async () => {
  const harness = jobHarness(job, refresh)
  const at = harness.clock.now()
  harness.respondWith(${reply})

  const run = await harness.tick(at)

  expect(run).toMatchObject({ status: 'succeeded' })
  expect((await harness.get(${literal(readPath)})).body).toMatchObject({ data: ${data} })
${key && first ? `  expect((await harness.get(${literal(`${readPath}/${first.name}`)})).body).toMatchObject({ data: ${first.record} })\n  expect(await harness.get(${literal(`${readPath}/none`)})).toMatchObject({ status: 404 })\n` : ''}})
`
}

/** One figure beyond its bounds: its row is lost, or the body is rejected. */
function boundsTest({ key }: Dataset, fixture: Fixture): string[] {
  const beyond = fixture.beyondBounds()
  if (!beyond) return []
  const isOther = key !== undefined && fixture.rowCount > 1
  const title = isOther
    ? `a row whose ${beyond.served} is beyond its bounds is lost, the others are served`
    : `a body whose ${beyond.served} is beyond its bounds is rejected`
  const status = isOther ? `{ status: 'partial' }` : `{ status: 'failed', reason: 'rejected' }`
  const body = key
    ? fixture.answer(`[{ ...first, ${beyond.code} }, ...others]`)
    : fixture.answer(`{ ${beyond.code} }`)
  const split = key ? `  const [first, ...others] = ${fixture.rows}\n` : ''
  return [
    `
test('${title}', async () => {
  const harness = jobHarness(job, refresh)
  const at = harness.clock.now()
${split}  harness.respondWith(() => ({ status: 200, body: ${body} }))

  expect(await harness.tick(at)).toMatchObject(${status})
})
`,
  ]
}

const ERROR_CODE = 40_001

/** An error under status 200, of a provider that states errors in its bodies. */
function errorTest({ errorMember, upstream, body }: Dataset): string[] {
  if (!errorMember || !upstream.isNew) return []
  const values = {
    code: numberCode(ERROR_CODE),
    flag: 'false',
    word: `'error'`,
    detail: `{ text: 'invented' }`,
  }
  const isText = typeof errorMember.success === 'string' && plainDecimal(errorMember.success) !== undefined
  const value = errorMember.kind === 'code' && isText ? `'${ERROR_CODE}'` : values[errorMember.kind]
  const message = Object.keys(isObject(body) ? (body as SampleObject) : {}).find(isMessage)
  const text = message === undefined ? '' : `, ${property(message)}: 'invented'`
  return [
    `
test('an error under status 200 is a failure of the provider', async () => {
  const harness = jobHarness(job, refresh)
  harness.respondWith(() => ({ status: 200, body: { ${property(errorMember.name)}: ${value}${text} } }))

  expect(await harness.tick(harness.clock.now())).toMatchObject({ status: 'failed', reason: 'upstream-fault' })
})
`,
  ]
}
