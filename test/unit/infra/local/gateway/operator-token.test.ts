import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { operatorToken } from '#infra/local/gateway/operator-token.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const modeOf = async (file: string) => ((await stat(file)).mode & 0o777).toString(8)

test('a token is created once, of 32 bytes, for its owner alone', async () => {
  const directory = await temporaryDirectory()
  const file = join(directory, 'operator-token')

  const first = await operatorToken(file)
  const second = await operatorToken(file)

  expect(Buffer.from(first, 'base64url')).toHaveLength(32)
  expect(second).toBe(first)
  expect([await modeOf(file), await readdir(directory)]).toEqual(['600', ['operator-token']])
})

test('a file that others may read is closed to them', async () => {
  const file = join(await temporaryDirectory(), 'operator-token')
  await operatorToken(file)
  await chmod(file, 0o644)

  await operatorToken(file)

  expect(await modeOf(file)).toBe('600')
})

test.each(['', 'short', 'canary canary canary canary canary canary 12'])(
  'a file without a token is refused without a quote of its content, and stays: %j',
  async (content) => {
    const file = join(await temporaryDirectory(), 'operator-token')
    await writeFile(file, content)

    const refusal = operatorToken(file)

    await expect(refusal).rejects.toMatchObject({
      name: 'StartError',
      lines: [expect.stringMatching(/expected an operator's token .* delete it to create a new one$/)],
    })
    await expect(refusal).rejects.not.toMatchObject({ lines: [expect.stringContaining('canary')] })
    expect(await readFile(file, 'utf8')).toBe(content)
  },
)

test('two machines have two tokens', async () => {
  const tokens = await Promise.all(
    [1, 2].map(async () => operatorToken(join(await temporaryDirectory(), 'operator-token'))),
  )

  expect(tokens[0]).not.toBe(tokens[1])
})
