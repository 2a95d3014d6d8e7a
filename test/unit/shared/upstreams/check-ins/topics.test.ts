import { describe, expect, it } from 'vitest'
import { parseJson } from '#shared/domain/json.ts'
import { parseTopics } from '#shared/upstreams/check-ins/topics.ts'

const NOW = Date.UTC(2025, 0, 20)

const topic = (change: object = {}) => ({
  topic_id: 5,
  topic_uid: '82811825141841812',
  create_time: '2025-01-15T08:30:00.000+0800',
  type: 'talk',
  talk: {
    owner: { user_id: 100_000_000_000_004, name: 'user-4', avatar_url: 'https://images.test/4' },
    text: '<e type="hashtag" hid="1" title="%23morning%23" /> run\nfive kilometres',
  },
  ...change,
})

const parse = (...topics: readonly unknown[]) =>
  parseTopics({ succeeded: true, resp_data: { topics } }, { now: NOW })

describe('the topics of a project', () => {
  it('have their text without markup, and its beginning as title', () => {
    expect(parse(topic())).toEqual({
      topics: [
        {
          topicId: '82811825141841812',
          title: '#morning# run five kilometres',
          content: '#morning# run\nfive kilometres',
          createdAt: Date.UTC(2025, 0, 15, 0, 30),
          user: {
            userId: 100_000_000_000_004,
            name: 'user-4',
            alias: null,
            avatar: 'https://images.test/4',
          },
        },
      ],
      lost: [],
    })
  })

  it('have their own title where they have one', () => {
    expect(parse(topic({ title: 'Today' })).topics[0]?.title).toBe('Today')
  })

  it('cut the title to 50 characters and the content to 1,000, by code points', () => {
    const { title, content } = parse(topic({ talk: { text: '😀'.repeat(1_200) } })).topics[0] ?? {}

    expect([Array.from(title ?? '').length, Array.from(content ?? '').length]).toEqual([50, 1_000])
  })

  it('without a text and an owner have null for them', () => {
    expect(parse(topic({ talk: {} })).topics[0]).toMatchObject({ title: null, content: null, user: null })
  })

  it('have the owner beside the talk in another form', () => {
    expect(parse(topic({ talk: { text: 'a' }, owner: { user_id: 1 } })).topics[0]?.user).toMatchObject({
      userId: 1,
      name: null,
    })
  })

  it('keep the digits of a bare id beyond 2^53', () => {
    const body = parseJson('{"resp_data":{"topics":[{"topic_id":82811825141841812}]}}')

    expect(parseTopics(body, { now: NOW }).topics[0]?.topicId).toBe('82811825141841812')
  })

  it('may be none', () => {
    expect(parse()).toEqual({ topics: [], lost: [] })
  })

  it('are lost without data of a member in the message', () => {
    const bent = topic({ topic_uid: 'user-4', create_time: 'user-4', talk: { owner: { user_id: 'user-4' } } })
    const { topics, lost } = parse(
      topic(),
      bent,
      topic({ topic_uid: '2', title: ['user-4'] }),
      topic({ topic_uid: '3' }),
    )

    expect(topics.map(({ topicId }) => topicId)).toEqual(['82811825141841812', '3'])
    expect(lost.map(({ name }) => name)).toEqual(['row 2', 'row 3'])
    expect(JSON.stringify(lost)).not.toContain('user-4')
  })

  it('are lost when their id is an object that has no text form', () => {
    expect(parse(topic(), { topic_uid: { toString: false } }).lost).toEqual([
      { name: 'row 2', message: 'topicId: expected an id of 1 to 20 digits, got an object' },
    ])
  })

  it('are not believed when more than half of them cannot be read', () => {
    expect(() => parse({}, topic(), [])).toThrow('expected at most 50 % of 3 topics to be unusable, got 2')
  })
})
