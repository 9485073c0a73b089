/**
 * The page that an invitation opens. It explains how to register. It runs no script, so that nothing can read the
 * secret in the fragment.
 */
import { htmlPage } from '../../platform/http/html-page.ts'
import { addressOf } from '../../platform/http/link-addresses.ts'
import type { DocumentOptions } from '../../platform/http/static-documents.ts'

export const isInvitationAddress = addressOf('invitation', 'invitation')

const title = 'Invitation to register'
const main = `<p>A coordination of unions invites your organisation to register here. Keep this address secret: anyone who has it can
register with it.</p>
<p>Copy the secret from the address of this page: <code>spi_</code> and the 43 characters after it. Send it as
<code>invitation</code> when you register:</p>
<pre>POST /v1/organisations
{"kind": "union", "name": "…", "country": "…", "invitation": "spi_…", "secretary": {"displayName": "…"}}</pre>
<p>The response shows the token of your secretary once. Its field <code>next</code> says what to do next.
<a href="/docs">The documentation</a> describes every field.</p>`

/** Not stored by the browser, like the page of an offer. */
export const invitationPageDocument: DocumentOptions = {
  cacheControl: 'no-store',
  make: () => {
    const { headers, ...page } = htmlPage(`${title} – Solidarity Pact`, title, main)
    return [{ ...page, headers: { ...headers, 'referrer-policy': 'no-referrer', 'x-robots-tag': 'noindex' } }]
  },
}
