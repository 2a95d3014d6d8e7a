import type { LookupAddress, LookupOptions, lookup } from 'node:dns'
import { expect, it } from 'vitest'
import { isPublicAddress, publicLookup } from '#shared/adapters/http-client/public-addresses.ts'
import { RefreshError } from '#shared/domain/errors.ts'

it.each([
  ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '100.64.0.1', '100.127.255.255', '127.0.0.1', '127.255.255.254'],
  ...['169.254.169.254', '169.254.170.2', '172.16.0.1', '172.31.255.255', '192.168.1.1', '198.19.0.1'],
  ...['224.0.0.1', '239.255.255.255', '255.255.255.255'],
  ...[
    '::',
    '::1',
    '::127.0.0.1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
  ],
  ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:169.254.169.254', '64:ff9b::10.0.0.1', '64:ff9b:1::1'],
  ...['2001:db8::1', '2001::1', '2002:7f00:1::', '3fff::1', '100::1', '5f00::1'],
  ...['', 'localhost', '127.1', '2130706433'],
])('%j is not a public address', (address) => {
  expect(isPublicAddress(address)).toBe(false)
})

it.each([
  ...[
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
  ],
  ...['169.253.255.255', '172.15.255.255', '172.32.0.0', '192.167.255.255', '223.255.255.255'],
  ...['2600:1f00::1', '2a00:1450::1', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8'],
])('%s is a public address', (address) => {
  expect(isPublicAddress(address)).toBe(true)
})

it('answers with every public address of a name, or with the first where one is requested', async () => {
  const addresses = [
    { address: '2600:1f00::1', family: 6 },
    { address: '8.8.8.8', family: 4 },
  ]

  expect(await resolved(addresses, { all: true })).toEqual([null, addresses, undefined])
  expect(await resolved(addresses, {})).toEqual([null, '2600:1f00::1', 6])
})

it.each([{ all: true }, {}])(
  'refuses a name with one private address among public ones (F46): %j',
  async (options) => {
    const addresses = [
      { address: '8.8.8.8', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ]

    const [error, answer] = await resolved(addresses, options)

    expect(error).toBeInstanceOf(RefreshError)
    expect(error).toMatchObject({ reason: 'refused' })
    expect(answer).toEqual([])
  },
)

it('passes the error of the resolver on, and fails when it has no address', async () => {
  const failure = Object.assign(new Error('try again'), { code: 'EAI_AGAIN' })

  expect((await resolved(failure, {}))[0]).toBe(failure)
  expect((await resolved([], {}))[0]).toMatchObject({ code: 'ENOTFOUND' })
})

function resolved(addresses: LookupAddress[] | Error, options: LookupOptions): Promise<unknown[]> {
  const resolver = (
    _: string,
    __: LookupOptions,
    answer: (error: Error | null, results?: LookupAddress[]) => void,
  ) => (addresses instanceof Error ? answer(addresses) : answer(null, addresses))
  return new Promise((resolve) => {
    publicLookup(resolver as typeof lookup)('example.com', options, (...answer) =>
      resolve([answer[0], answer[1], answer[2]]),
    )
  })
}
