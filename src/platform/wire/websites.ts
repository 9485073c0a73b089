/** The address of a website, as people know it: the name of its host may be in any script. */
import { line } from './common-schemas.ts'

export const website = line(300)
  .refine(isWebsite, {
    params: { code: 'invalid_format' },
    error: 'must be an http or https address with the name of a host, such as https://union.example',
  })
  // What stands before an @ looks like the host to whoever reads it, and is none.
  .refine((address) => !namesSomebody(address), {
    params: { code: 'invalid_format' },
    error: 'must be without a user name and a password',
  })
  .meta({ description: 'An http or https address, kept as sent. The name of its host may be in any script.' })

// As DNS sees it: names in other scripts than Latin come as xn--.
const hostPattern = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})$/

/** URL would forgive blanks, backslashes and missing slashes; what others read in it must be what a browser asks. */
function isWebsite(address: string): boolean {
  if (!/^https?:\/\/[^/\s\\][^\s\\]*$/iu.test(address)) return false
  return hostPattern.test(URL.parse(address)?.hostname ?? '')
}

function namesSomebody(address: string): boolean {
  const parsed = URL.parse(address)
  return parsed !== null && parsed.username + parsed.password !== ''
}
