/** The HTML frame of small pages, without scripts or anything from other hosts. */
import { createHash } from 'node:crypto'
import type { Representation } from './static-documents.ts'

const style = `
:root { color-scheme: light dark }
body { font: 1.125rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem }
code { font-size: 1em }
pre { white-space: pre-wrap; overflow-wrap: anywhere }
dt { margin-top: 1rem; font-weight: 600 }
dd { margin: 0 }
`

const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  // The empty icon, which spares the browser asking for one.
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** A page as a representation of a document. `main` is HTML, the title is text. */
export function htmlPage(title: string, heading: string, main: string): Representation {
  return {
    type: 'text/html',
    body: frame(title, heading, main),
    headers: { 'content-security-policy': contentSecurityPolicy },
  }
}

export const jsonPage = (value: unknown): Representation => ({
  type: 'application/json',
  body: JSON.stringify(value),
})

function frame(title: string, heading: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(heading)}</h1>
${main}
</main>
</body>
</html>
`
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character)
}
