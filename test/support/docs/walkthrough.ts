import { readFile } from 'node:fs/promises'
import { expect, vi } from 'vitest'
import { localDate } from '#shared/domain/time.ts'
import type { LocalProcess } from '#test/support/process/local-process.ts'

/** One `curl` of a walkthrough, as a shell expands it. */
export interface Command {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly isOperator: boolean
  readonly body: string | undefined
}

const HOST = 'http://localhost:8787'
const CURL = /^curl (?:[^\\\n]|\\\n)*/gm
const TODAY = '$(TZ=America/New_York date +%F)'

/** The requests of a page of the documentation, in order. */
export async function walkthrough(page: string): Promise<readonly Command[]> {
  const text = await readFile(page, 'utf8')
  const [, prefix = ''] = /^P=(\S+)$/m.exec(text) ?? []
  return [...text.matchAll(CURL)].map(([command]) => {
    const expanded = command.replace('$P', prefix).replace(TODAY, localDate('America/New_York', Date.now()))
    const [url = ''] = /http:[^" ]*/.exec(expanded) ?? []
    return {
      method: /-X (\w+)/.exec(expanded)?.[1] ?? 'GET',
      target: url.slice(HOST.length),
      isOperator: expanded.includes('Authorization: Bearer $T'),
      body: /-d '([^']*)'/.exec(expanded)?.[1],
    }
  })
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  // biome-ignore lint/suspicious/noExplicitAny: the tests expect its members
  readonly json: any
}

/** Sends the requests of a walkthrough to a started system, with its operator token where they have one. */
export async function follower(system: LocalProcess) {
  const line = await system.waitForLine(/^Operator token: /)
  const authorization = line.replace('Operator token: ', 'Bearer ')

  async function follow({ method, target, isOperator, body }: Command): Promise<Answer> {
    const answer = await system.request(target, {
      method,
      headers: isOperator ? { authorization } : {},
      ...(body === undefined ? {} : { body }),
    })
    return { status: answer.status, headers: answer.headers, json: JSON.parse(answer.body.toString()) }
  }

  /** Repeats a read until it answers 200 and its body is accepted. */
  function followUntil(
    command: Command,
    {
      accepts = () => true,
      timeoutMs = 20_000,
    }: { accepts?: (json: Answer['json']) => boolean; timeoutMs?: number } = {},
  ): Promise<Answer> {
    return vi.waitFor(
      async () => {
        const answer = await follow(command)
        expect([command.target, answer.status]).toEqual([command.target, 200])
        expect([answer.json, accepts(answer.json)]).toEqual([answer.json, true])
        return answer
      },
      { timeout: timeoutMs, interval: 500 },
    )
  }

  return { follow, followUntil }
}
