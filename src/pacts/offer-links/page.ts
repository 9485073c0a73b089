/**
 * The page that an offer link opens. Whoever gets the link may have nothing but a browser: it shows the offer and takes
 * the answer. The secret stays in the fragment and goes nowhere but into the Authorization header; opening the page spends
 * nothing, only an answer does. What others wrote is put in as text, never as markup.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { DocumentOptions } from '../../platform/static-documents.ts'

const style = `
:root { color-scheme: light dark }
body { font: 1.125rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem }
article p { white-space: pre-wrap }
textarea { box-sizing: border-box; width: 100%; font: inherit }
button { font: inherit; margin: 0.5rem 0.5rem 0 0 }
`

// A program of its own, for another machine: nothing here runs it.
const script = ['address.js', 'page.js']
  .map((file) => readFileSync(new URL(`page/${file}`, import.meta.url), 'utf8'))
  .join('\n')

// What messengers, mail programs and people make of /offer#spl_…, as far as it reaches the service.
const offerAddress = /^\/+offer(?:spl_|[^\w~-]|$)/i

/** Whether an address is that of the page, also when the # is encoded, or something was put behind it. */
export const isOfferAddress = (url: string): boolean => offerAddress.test(url)

const offerPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>An offer of solidarity – Solidarity Pact</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>An offer of solidarity</h1>
<noscript><p>This page needs JavaScript. Without it, send what stands behind the # of the address as a bearer token:
<a href="/docs">the API</a> says how.</p></noscript>
<section id="offer"></section>
<p id="state" role="status">Reading the offer…</p>
<section id="answer" hidden>
<h2>Your answer</h2>
<p>Accepting or declining uses the link up. A comment, or asking for more time, does not. Do not write names.</p>
<label for="statement">What you want to say with it</label>
<textarea id="statement" rows="4" maxlength="4000" dir="auto"></textarea>
<button type="button" value="accept">Accept</button>
<button type="button" value="decline">Decline</button>
<button type="button" value="needs_more_time">Ask for more time</button>
<button type="button" value="comment">Only comment</button>
</section>
</main>
<script>${script}</script>
</body>
</html>
`

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const contentSecurityPolicy = [
  "default-src 'none'",
  `script-src ${hashOf(script)}`,
  `style-src ${hashOf(style)}`,
  "connect-src 'self'",
  // The empty icon, which spares the browser asking for one.
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Not stored in the browser: whose device is searched should not have to explain this page. */
export const offerPageDocument: DocumentOptions = {
  cacheControl: 'no-store',
  make: () => [
    {
      type: 'text/html',
      body: offerPage,
      headers: {
        'content-security-policy': contentSecurityPolicy,
        'referrer-policy': 'no-referrer',
      },
    },
  ],
}
