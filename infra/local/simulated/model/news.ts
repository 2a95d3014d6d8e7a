import { MINUTE_MS } from '#shared/domain/duration.ts'
import { hashFraction } from './seeded-values.ts'

/** One article. Publishers, places and events are invented. */
export interface NewsItem {
  readonly title: string
  /** HTML, as aggregators pass it on. */
  readonly description: string
  readonly publisher: string
  readonly domain: string
  readonly url: string
  readonly publishedAt: number
}

const STEP_MS = 6 * MINUTE_MS

const PUBLISHERS = [
  ['Herald Test', 'herald.test'],
  ['The Daily Example', 'daily.example'],
  ['Example Wire', 'wire.example'],
  ['Border Post', 'post.example'],
  ['Market Notes', 'notes.test'],
] as const

const PLACES = [
  'Arvenia',
  'North Sella',
  'the Kestrel Islands',
  'Vorland',
  'Europe',
  'Asia',
  'the Middle East',
]
const TOPICS = ['fishing rights', 'fuel prices', 'grain exports', 'a pipeline', 'data rules', 'a border road']

/** The quiet ones come several times, as in a real feed. */
const HEADLINES: readonly ((place: string, topic: string) => string)[] = [
  (place, topic) => `Ministers of ${place} hold talks on ${topic}`,
  (place, topic) => `Ministers of ${place} hold talks on ${topic}`,
  (place, topic) => `Trade dispute with ${place} over ${topic} goes to arbitration`,
  (place, topic) => `Trade dispute with ${place} over ${topic} goes to arbitration`,
  (place, topic) => `Crisis team of ${place} meets about ${topic}`,
  (place, topic) => `Crisis team of ${place} meets about ${topic}`,
  (place) => `War museum reopens in ${place}`,
  (place) => `War museum reopens in ${place}`,
  (place, topic) => `Protest in ${place} over ${topic}`,
  (place, topic) => `Sanctions on ${place} extended, ${topic} excepted`,
  (place) => `Ceasefire in ${place} enters its second week`,
  (place) => `Coup attempt in ${place} fails`,
  (place, topic) => `Military strike in ${place} stops work on ${topic}`,
]

/** One article in this share repeats one of half an hour before at another publisher. */
const COPY_SHARE = 0.1
const COPY_STEPS = 5

/** The articles from a time to another, newest first. The same article is the same at any time. */
export function newsItems(seed: number, from: number, until: number): NewsItem[] {
  const [first, last] = [Math.ceil(from / STEP_MS), Math.floor(until / STEP_MS)]
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => newsItem(seed, last - index))
}

function newsItem(seed: number, step: number): NewsItem {
  const choose = <T>(list: readonly T[], name: string, of: number) =>
    list[Math.floor(hashFraction(`${of} ${name} ${seed}`) * list.length)] as T
  const isCopy = hashFraction(`${step} copy ${seed}`) < COPY_SHARE
  const event = isCopy ? step - COPY_STEPS : step
  const place = choose(PLACES, 'place', event)
  const topic = choose(TOPICS, 'topic', event)
  const headline = choose(HEADLINES, 'headline', event)(place, topic)
  const [publisher, domain] = choose(PUBLISHERS, 'publisher', step)
  return {
    title: `${headline} - ${publisher}`,
    description: `<p>${headline}, officials &amp; observers report. <a href="https://${domain}/more">More</a></p>`,
    publisher,
    domain,
    url: `https://${domain}/news/${step}`,
    publishedAt: step * STEP_MS,
  }
}
