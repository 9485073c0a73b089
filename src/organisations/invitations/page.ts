/**
 * The page that an invitation opens. It says how to register; it runs no program, so the secret in the fragment reaches
 * nobody.
 */
import { createHash } from 'node:crypto'

const style = `
:root { color-scheme: light dark }
body { font: 1.125rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem }
pre { white-space: pre-wrap; overflow-wrap: anywhere }
`

export const invitationPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>An invitation to register – Solidarity Pact</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>An invitation to register</h1>
<p>A coordination of unions invites your organisation to register here. Keep this address to yourself: whoever has it can
register with it.</p>
<p>Copy what stands behind the # of this page’s address. Send it as <code>invitation</code> when you register:</p>
<pre>POST /v1/organisations
{"kind": "union", "name": "…", "country": "…", "invitation": "spi_…", "secretary": {"displayName": "…"}}</pre>
<p>The answer shows the token of your secretary once, and says in <code>next</code> what to do then.
<a href="docs">The documentation</a> describes every field.</p>
</main>
</body>
</html>
`

export const invitationPagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
