import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

const globalUnicast = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number]
const privateRanges: readonly string[] = ['loopback', 'private', 'uniqueLocal', 'carrierGradeNat']

/**
 * Whether an address, in a spelling that is nothing but an address, is one host of the public internet.
 *
 * ipaddr.js calls "unicast" whatever it has no other name for: in IPv6 that is `::7f00:1`, and all that IANA has not
 * given out. So IPv6 has to lie in 2000::/3 as well. What carries an IPv4 address inside (mapped, NAT64, 6to4, Teredo)
 * is refused whichever address that is. A NAT64 prefix of an operator's own cannot be told from other public addresses.
 */
export function isPublicUnicast(address: string): boolean {
  const parsed = strictly(address)
  if (parsed?.range() !== 'unicast') return false
  return parsed instanceof ipaddr.IPv4 || parsed.match(globalUnicast)
}

/** Loopback and the networks inside a house; not link-local, where clouds hand out their keys (169.254.169.254). */
export const isPrivateUnicast = (address: string): boolean =>
  privateRanges.includes(strictly(address)?.range() ?? '')

// The library reads `0x7f.1` and `010.0.0.1` too. A zone (`fe80::1%eth0`) has no place in an answer of the DNS.
function strictly(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  return isIP(address) === 0 || address.includes('%') ? undefined : ipaddr.parse(address)
}
