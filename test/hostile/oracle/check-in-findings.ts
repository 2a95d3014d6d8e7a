import { HOUR_MS } from '#shared/domain/duration.ts'
import type { Json } from '../json.ts'
import type { Content, RouteResponse } from '../read-back.ts'
import { isMembers } from '../rules/agreement-rule.ts'
import { type Finding, shownValue } from './finding.ts'

/** The stored keys of check-in data that a response must be made of; `undefined` for a response without check-in data. */
export function checkInKeysOf(
  { target }: Pick<RouteResponse, 'target'>,
  at: number,
): readonly string[] | undefined {
  const url = new URL(target.replace(/^GET /, ''), 'https://freshet.test')
  const [isProjects, id, kind] = PROJECTS.exec(url.pathname) ?? []
  if (isProjects === undefined) return undefined
  const query = url.searchParams
  if (id !== undefined) return [`zsxq:project:${id}:${keyEnd(kind, query, at)}`]
  const ids = query.get('ids')
  if (ids !== null) return ids.split(',').map((each) => `zsxq:project:${each}:info`)
  return [`zsxq:projects:list:${query.get('scope') ?? 'ongoing'}`]
}

const PROJECTS = /^\/api\/projects(?:\/(\d+)(?:\/([a-z-]+))?)?$/

function keyEnd(kind: string | undefined, query: URLSearchParams, at: number): string {
  if (kind === 'leaderboard') return `leaderboard:${query.get('type') ?? 'continuous'}`
  return kind === 'daily-stats' ? `daily_stats:${shanghaiDate(at)}` : (kind ?? 'info')
}

function shanghaiDate(at: number): string {
  return new Date(at + 8 * HOUR_MS).toISOString().slice(0, 10)
}

/**
 * Whether data are owed: details are those of ongoing projects, which the list of these has. A project that it lost is a row
 * that the run counts.
 */
export function isListed(key: string, { members }: Content): boolean {
  const id = /^zsxq:project:(\d+):info$/.exec(key)?.[1]
  const list = members.get('zsxq:projects:list:ongoing')?.data ?? null
  const projects = isMembers(list) ? list['projects'] : undefined
  if (id === undefined || !Array.isArray(projects)) return true
  return projects.some((project) => isMembers(project) && project['project_id'] === id)
}

/** Ids of topics and projects that no response has with all of their digits. */
export function lostDigits({ members }: Content, texts: readonly string[]): readonly Finding[] {
  const sent = new Set(texts.flatMap((text) => text.match(/\d+/g) ?? []))
  const ids = [...members.values()].flatMap(({ data }) => idsIn(data))
  return ids
    .filter((id) => !sent.has(id))
    .map((id) => ({
      check: 'agreement',
      subject: 'digits',
      place: 'stored',
      expected: 'an id of a body',
      got: id,
    }))
}

function idsIn(value: Json): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(idsIn)
  if (!isMembers(value)) return []
  const own = [value['topic_id'], value['project_id']].filter((id) => typeof id === 'string')
  return [...own, ...Object.values(value).flatMap(idsIn)]
}

/** Check-in data under the key of other data, and responses with images that have expired or with the owner's rank. */
export function checkInFindings({ members, responses, at }: Content): readonly Finding[] {
  return [
    ...[...members.values()].flatMap(({ key, data }) => keyFindings(key, data)),
    ...responses
      .filter((response) => response.status === 200 && checkInKeysOf(response, at) !== undefined)
      .flatMap(({ target, body }) => servedFindings(body, target, at)),
  ]
}

function keyFindings(key: string, data: Json): readonly Finding[] {
  const [, family, id, kind, part = ''] = key.split(':')
  if (!key.startsWith('zsxq:') || !isMembers(data)) return []
  const named = { info: ['project_id', id], daily_stats: ['date', part], leaderboard: ['type', part] }[
    kind ?? ''
  ]
  const [name = '', expected] = named ?? []
  if (family !== 'project' || name === '' || data[name] === expected) return []
  const got = shownValue(data[name])
  return [
    {
      check: 'agreement',
      subject: `${name} of the key`,
      place: `stored ${key}`,
      expected: String(expected),
      got,
    },
  ]
}

function servedFindings(value: Json, place: string, at: number, name = ''): readonly Finding[] {
  if (Array.isArray(value)) return value.flatMap((row) => servedFindings(row, place, at, name))
  if (isMembers(value)) {
    if (name === 'user_rank')
      return [
        { check: 'agreement', subject: name, place, expected: 'null for the public', got: shownValue(value) },
      ]
    return Object.entries(value).flatMap(([member, inner]) => servedFindings(inner, place, at, member))
  }
  const expiry = typeof value === 'string' ? /^https?:.*[?&]e=(\d{1,12})(?:&|$)/.exec(value)?.[1] : undefined
  if (expiry === undefined || Number(expiry) * 1_000 > at) return []
  return [{ check: 'agreement', subject: `expired ${name}`, place, expected: 'null', got: shownValue(value) }]
}
