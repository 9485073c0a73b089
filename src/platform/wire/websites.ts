/** The schema of a website address. The host name may be in any script. */
import { line } from './common-schemas.ts'

export const website = line(300)
  .refine(isWebsite, {
    params: { code: 'invalid_format' },
    error: 'must be an http or https address with a host name, such as https://union.example',
  })
  // A reader could mistake the text before an @ for the host.
  .refine((address) => !namesSomebody(address), {
    params: { code: 'invalid_format' },
    error: 'must not contain a user name or a password',
  })
  .meta({
    description: 'An http or https address, stored as sent. The host name may be in any script.',
  })

// The form in DNS: names in other scripts than Latin begin with xn--.
const hostPattern = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})$/

/** `URL` tolerates blanks, backslashes and missing slashes. Then readers could see another host than a browser asks. */
function isWebsite(address: string): boolean {
  if (!/^https?:\/\/[^/\s\\][^\s\\]*$/iu.test(address)) return false
  return hostPattern.test(URL.parse(address)?.hostname ?? '')
}

function namesSomebody(address: string): boolean {
  const parsed = URL.parse(address)
  return parsed !== null && parsed.username + parsed.password !== ''
}
