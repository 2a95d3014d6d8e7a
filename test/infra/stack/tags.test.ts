import { expect, test } from 'vitest'
import { jobs } from '#functions/jobs/declared.ts'
import { type Resource, synthesize } from '#test/support/infra/synthesis.ts'

const { resources } = synthesize({ jobs })

/** Types that CloudFormation cannot tag. */
const UNTAGGED = [
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::Lambda::Alias',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Version',
  'AWS::Logs::MetricFilter',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::Scheduler::Schedule',
]

/** The tags of a resource, whichever of the three forms its type has them in. */
function tagsOf({ properties = {} }: Resource): Readonly<Record<string, string>> {
  const tags = properties.Tags ?? properties.Replicas?.[0].Tags ?? {}
  if (!Array.isArray(tags)) return tags
  return Object.fromEntries(tags.map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value]))
}

test('every resource that takes tags has product, stage and version', () => {
  const untagged = resources.filter((resource) => Object.keys(tagsOf(resource)).length === 0)
  const tagged = resources.filter((resource) => !untagged.includes(resource))

  expect([...new Set(untagged.map(({ Type }) => Type))].sort()).toEqual(UNTAGGED)
  expect(tagged.length).toBeGreaterThan(50)
  for (const resource of tagged)
    expect([resource.id, tagsOf(resource)]).toEqual([
      resource.id,
      { product: 'freshet', stage: 'test', version: '1.2.3' },
    ])
})

test('a changed tag replaces nothing, and publishes no version of a function', () => {
  const idsOf = (build: string) =>
    synthesize({ tags: { build } }).resources.map(({ id, Type }) => `${Type} ${id}`)

  expect(idsOf('one').join()).toContain('AWS::Lambda::Version')
  expect(idsOf('two')).toEqual(idsOf('one'))
})

test('another version changes tags, the environment of functions and what Lambda publishes, and nothing else', () => {
  const contents = (version: string) =>
    synthesize({ version })
      .resources.filter(({ Type }) => Type !== 'AWS::Lambda::Version' && Type !== 'AWS::Lambda::Alias')
      .map((resource) => JSON.stringify(resource).replaceAll(`"${version}"`, '"<version>"'))

  expect(contents('9.9.9')).toEqual(contents('1.2.3'))
})
