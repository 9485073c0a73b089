/** Which addresses are valid for a setting. */
import { isIP } from 'node:net'

export function withoutTrailingSlash(url: string): string {
  return url.replace(/\/+$/, '')
}

function isWebAddress(address: string): boolean {
  const url = URL.parse(address)
  return url !== null && /^https?:$/.test(url.protocol) && !/[?#@]/.test(address)
}

/** Answers contain paths from the root of the host, so clients of a service under a path would leave it. */
export function isHostAddress(address: string): boolean {
  return isWebAddress(address) && /^https?:\/\/[^/\\]+$/i.test(address)
}

/**
 * TLS or loopback, so that nobody on the way can answer instead: for an identity provider, and for pages that hold a
 * token.
 */
export function isSafeAddress(address: string): boolean {
  const url = URL.parse(address)
  const isOwnMachine = ['localhost', '127.0.0.1', '[::1]'].includes(url?.hostname ?? '')
  return isWebAddress(address) && (url?.protocol === 'https:' || isOwnMachine)
}

/** As a browser writes it in `Origin`, so that comparing texts is enough. */
export function isPageOrigin(origin: string): boolean {
  return URL.parse(origin)?.origin === origin && isSafeAddress(origin) && !origin.includes('*')
}

export function isDatabaseUrl(address: string): boolean {
  const url = URL.parse(address)
  return url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.pathname.length > 1
}

export function areNetworks(networks: string[]): boolean {
  return networks.every((network) => {
    const [address = '', prefix = '0', ...rest] = network.split('/')
    const prefixMax = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
    return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= prefixMax
  })
}
