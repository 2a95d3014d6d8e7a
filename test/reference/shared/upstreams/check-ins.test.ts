import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseJson } from '#shared/domain/json.ts'
import {
  dailyStatsRecord,
  leaderboardRecord,
  projectDetailRecord,
  projectRecord,
  projectStatsRecord,
  topicsRecord,
} from '#shared/systems/check-ins/records.ts'
import { parseProjectDetail, parseProjectList } from '#shared/upstreams/check-ins/projects.ts'
import { parseRankings } from '#shared/upstreams/check-ins/rankings.ts'
import { parseDailyStatistics, parseStatistics } from '#shared/upstreams/check-ins/statistics.ts'
import { parseTopics } from '#shared/upstreams/check-ins/topics.ts'

interface Fixture {
  readonly file: string
  readonly provider: string
  readonly expect: string
}

const root = process.env['FRESHET_REFERENCE']
if (root === undefined) throw new Error('expected FRESHET_REFERENCE to name the folder of the reference data')
const folder = join(root, 'fixtures')
const fixtures: readonly Fixture[] = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'))
const files = fixtures
  .filter((each) => each.provider === 'zsxq' && each.expect === 'ok')
  .map(({ file }) => file)

const NOW = Date.UTC(2025, 11, 10, 4)

/** The id of the project in a body of detail. */
const idOf = (body: unknown) =>
  String((body as { resp_data: { checkin: { checkin_id: number } } }).resp_data.checkin.checkin_id)

/** The reader of a body, by the beginning of its file's name; lost rows are part of the result. */
const READERS: Readonly<Record<string, (body: unknown) => object>> = {
  'checkins-list': (body) => {
    const { projects, lost } = parseProjectList(body, { now: NOW })
    return { lost, records: projects.map((each) => projectRecord(each, { scope: 'ongoing', now: NOW })) }
  },
  'checkin-detail': (body) =>
    projectDetailRecord(parseProjectDetail(body, { projectId: idOf(body), now: NOW }), NOW),
  'checkin-statistics-daily': (body) => dailyStatsRecord(parseDailyStatistics(body, { date: '2025-12-10' })),
  'checkin-statistics': (body) => projectStatsRecord(parseStatistics(body)),
  'checkin-ranking-list': (body) => {
    const rankings = parseRankings(body)
    return { lost: rankings.lost, ...leaderboardRecord(rankings, { type: 'continuous', maxItems: 100 }) }
  },
  'checkin-topics': (body) => {
    const { topics, lost } = parseTopics(body, { now: NOW })
    return { lost, ...topicsRecord(topics, 20) }
  },
}

/** What each body has to give; a file that is not here is read only. */
const EXPECTED: Readonly<Record<string, object>> = {
  'checkins-list.documented.json': {
    records: [
      {
        project_id: '1141152412',
        status: 'ongoing',
        start_date: '2024-12-31T16:00:00Z',
        end_date: '2025-12-31T15:59:59Z',
        total_members: 150,
        total_checkins: 3_500,
      },
    ],
  },
  'checkins-list.captured-keys-anonymised.json': { records: [{ project_id: '2424141521', title: null }] },
  'checkin-detail.captured-keys-anonymised.json': { project_id: '2424141521', total_members: null },
  'checkin-statistics.captured-2025-12-10.json': {
    form: 'nested',
    total_members: 0,
    total_checkins: 0,
    completion_rate: null,
  },
  'checkin-statistics.captured-keys-anonymised.json': {
    total_members: 34,
    total_checkins: 33,
    today_checkins: null,
    avg_checkins_per_member: null,
    completion_rate: 0,
  },
  'checkin-statistics.documented-other-shape.json': {
    form: 'flat',
    total_members: 150,
    total_checkins: 3_500,
    today_checkins: 120,
    continuous_rate: 0.85,
    avg_checkins_per_member: 23.33,
  },
  'checkin-statistics-daily.captured-2025-12-10.json': {
    date: '2025-12-10',
    total_checkins: 3,
    new_members: null,
    active_members: null,
  },
  'checkin-ranking-list.captured-keys-anonymised.json': {
    total: 2,
    rankings: [{ rank: 1 }, { rank: 1 }],
    user_rank: { rank: 6, days: 20 },
  },
  'checkin-topics.captured-keys-anonymised.json': {
    topics: [{ topic_id: '82811825141841812', title: null, content: null }],
  },
}

describe('bodies of the check-in provider', () => {
  it('are there', () => {
    expect(files.length).toBeGreaterThan(5)
  })

  it.each(files)('%s is read without a lost row', (file) => {
    const name = file.replace('zsxq/', '')
    const reader = READERS[name.split('.')[0] ?? '']
    if (reader === undefined) throw new Error(`expected a reader of ${file}, got none`)

    const record = reader(parseJson(readFileSync(join(folder, file), 'utf8')))

    expect(record).toMatchObject({ ...EXPECTED[name], ...('lost' in record ? { lost: [] } : {}) })
  })
})
