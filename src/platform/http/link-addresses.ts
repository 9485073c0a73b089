/**
 * Addresses of pages that links open, as messengers, mail programs and people change them: `/offer#spl_…` arrives as
 * `/offer%23spl_…`, as `/offer/?…` or as `/offerspl_…`.
 */
import { secretPrefixes, type SecretKind } from '../secrets.ts'

/** Whether an address is that of the page, also when the # is encoded, or something was put behind it. */
export function addressOf(page: string, kind: SecretKind): (url: string) => boolean {
  const pattern = new RegExp(`^/+${page}(?:${secretPrefixes[kind]}|[^\\w~-]|$)`, 'i')
  return (url) => pattern.test(url)
}
