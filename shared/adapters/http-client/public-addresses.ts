import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { RefreshError } from '#shared/domain/errors.ts'

/**
 * Whether an IP address belongs to the public internet: not to a private network, this machine, a metadata service, or
 * a range reserved for documentation and tests.
 *
 * IPv6 addresses outside global unicast (2000::/3) are not public. IPv4 addresses embedded in IPv6 (mapped, NAT64)
 * follow the IPv4 rules. Text that is not an IP address is not public.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 0 || address.includes('%')) return false
  if (family === 4) return !SPECIAL.check(address, 'ipv4')
  return REACHABLE.check(address, 'ipv6') && !SPECIAL.check(address, 'ipv6')
}

/**
 * A socket's `lookup` that returns public addresses only. The socket connects to the checked addresses, so that a name
 * whose address changes in between (DNS rebinding) has no effect. One special address among public ones refuses all.
 *
 * Failure: `RefreshError` `refused`, or the resolver's error, through the callback.
 */
export function publicLookup(resolve: typeof lookup = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? []
      if (error || !first) callback(error ?? unresolvedName(), [])
      else if (!addresses.every(({ address }) => isPublicAddress(address)))
        callback(privateAddressError(), [])
      else if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

/** The error for an upstream with an address that is not public. */
export function privateAddressError(): RefreshError {
  return new RefreshError(
    'refused',
    'expected a public address, got a private, loopback, link-local or otherwise special one; to allow it, name the origin in the settings',
    { scope: 'provider' },
  )
}

const SPECIAL_IPV4 = [
  ['0.0.0.0', 8], // this network, unspecified
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // shared by carriers (CGNAT)
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local, metadata services
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, broadcast
] as const

const SPECIAL_IPV6 = [
  ['2001::', 23], // protocol assignments, Teredo, benchmarks
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4: any IPv4 address inside
  ['3fff::', 20], // documentation
] as const

const NAT64 = '64:ff9b::'

/** `BlockList` applies IPv4 rules to mapped addresses, but not to NAT64 addresses. */
const SPECIAL = new BlockList()
for (const [network, prefix] of SPECIAL_IPV4) {
  SPECIAL.addSubnet(network, prefix, 'ipv4')
  SPECIAL.addSubnet(NAT64 + network, 96 + prefix, 'ipv6')
}
for (const [network, prefix] of SPECIAL_IPV6) SPECIAL.addSubnet(network, prefix, 'ipv6')

const REACHABLE = new BlockList()
REACHABLE.addSubnet('2000::', 3, 'ipv6')
REACHABLE.addSubnet('::ffff:0.0.0.0', 96, 'ipv6')
REACHABLE.addSubnet(`${NAT64}0.0.0.0`, 96, 'ipv6')

function unresolvedName(): NodeJS.ErrnoException {
  return Object.assign(new Error('the name has no address'), { code: 'ENOTFOUND' })
}
