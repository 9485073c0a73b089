import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

const globalUnicast = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number]
const privateRanges: readonly string[] = ['loopback', 'private', 'uniqueLocal', 'carrierGradeNat']

/**
 * Whether an IP address is one host of the public internet.
 *
 * ipaddr.js calls every address without another name "unicast": in IPv6 also `::7f00:1` and everything that IANA has
 * not assigned. So an IPv6 address must also be in 2000::/3. An address that contains an IPv4 address (mapped, NAT64,
 * 6to4, Teredo) is refused, whatever that is. An operator's own NAT64 prefix cannot be told from other public
 * addresses.
 */
export function isPublicUnicast(address: string): boolean {
  const parsed = strictly(address)
  if (parsed?.range() !== 'unicast') return false
  return parsed instanceof ipaddr.IPv4 || parsed.match(globalUnicast)
}

/** Loopback and private networks. Not link-local: cloud providers serve their keys there (169.254.169.254). */
export const isPrivateUnicast = (address: string): boolean =>
  privateRanges.includes(strictly(address)?.range() ?? '')

// The library also accepts `0x7f.1` and `010.0.0.1`. A zone (`fe80::1%eth0`) does not belong in a DNS answer.
function strictly(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  return isIP(address) === 0 || address.includes('%') ? undefined : ipaddr.parse(address)
}
