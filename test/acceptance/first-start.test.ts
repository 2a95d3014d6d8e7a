import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { sendRequest } from '#test/support/http/exchange.ts'
import { STATS_PATH, start, waitForOrigin } from '#test/support/process/local-process.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

test('the first start serves simulated data, labels them so, and ends with 0 within two seconds of SIGINT', async () => {
  const data = await temporaryDirectory()
  const system = start({ FRESHET_DATA: data }, { only: 'all' })
  const origin = await waitForOrigin(system)

  const answer = await sendRequest(origin, STATS_PATH)
  await vi.waitFor(() =>
    expect(system.printed()).toMatch(/global-market {2}succeeded {2}[\d.]+ m?s {2}Success/),
  )
  const from = performance.now()
  system.child.kill('SIGINT')

  expect(await system.ended).toBe(0)
  expect(performance.now() - from).toBeLessThan(2_000)
  expect([answer.status, answer.headers['x-data-source']]).toEqual([200, 'simulated'])
  expect(JSON.parse(answer.body.toString())).toMatchObject({
    success: true,
    data: { updated_at: expect.any(Number) },
  })
  expect(system.printed()).toContain(`${origin}${STATS_PATH}`)
  expect(system.printed()).toContain('CoinGecko: simulated')
  const attributions = system.printed().match(/^.* \(https?:.*\)$/gm) ?? []
  expect(attributions).toContain('Data provided by CoinGecko (https://www.coingecko.com)')
  expect(new Set(attributions).size).toBe(attributions.length)
  expect(system.printed()).toContain('cron(3/10 * * * ? *) UTC, next ')
  const kept = (await readFile(join(data, 'log.jsonl'), 'utf8')).trim().split('\n')
  expect(kept.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ outcome: 'succeeded' }),
  )
})

test('faulty settings are one line each, before anything is written', async () => {
  const data = join(await temporaryDirectory(), 'new')

  const misspelt = start({ FRESHET_DATA: data, GLOBAL_STATS_INTERVL_MIN: '5' })
  const illegal = start({ FRESHET_DATA: data, GLOBAL_STATS_INTERVAL_MIN: '99', COINGECKO_PLAN: 'gold' })

  expect([await misspelt.ended, await illegal.ended]).toEqual([1, 1])
  expect(misspelt.printed()).toBe(
    'Freshet: unknown setting GLOBAL_STATS_INTERVL_MIN; did you mean GLOBAL_STATS_INTERVAL_MIN?\n',
  )
  expect(illegal.printed()).toBe(
    'Freshet: COINGECKO_PLAN: expected one of keyless, demo, pro, got "gold"\n' +
      'Freshet: GLOBAL_STATS_INTERVAL_MIN: expected a whole number, 1 to 60 minutes, got "99"\n',
  )
  await expect(stat(data)).rejects.toThrow('ENOENT')
})
