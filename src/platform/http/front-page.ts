/** The front page at `/` (name, version, links), and /.well-known/security.txt. */
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../clock.ts'
import { escapeHtml, htmlPage, jsonPage } from './html-page.ts'
import { documentRoute, staticDocument } from './static-documents.ts'

const name = 'Solidarity Pact'
const securityPath = '/.well-known/security.txt'
const validDays = 180

export type FrontPageOptions = {
  version: string
  publicUrl: string
  clock: Clock
  /** The address of the source code of this version, if the operator sets it. */
  sourceUrl: string | undefined
  /** `mailto:`, `tel:` or `https:` addresses, the preferred one first. */
  securityContacts: readonly string[]
}

export function registerFrontPage(app: FastifyInstance, options: FrontPageOptions): void {
  const { publicUrl, sourceUrl, securityContacts } = options
  const links = {
    docs: `${publicUrl}/docs`,
    contract: `${publicUrl}/openapi.json`,
    problems: `${publicUrl}/problems`,
    ...(sourceUrl !== undefined && { source: sourceUrl }),
    ...(securityContacts.length > 0 && { security: publicUrl + securityPath }),
  }
  const frontPage = staticDocument({
    cacheControl: 'public, no-cache',
    make: () => [
      jsonPage({ name, version: options.version, ...links }),
      htmlPage(name, name, main(options.version, links)),
    ],
  })
  app.get('/', documentRoute, frontPage)
  if (securityContacts.length > 0) registerSecurityText(app, options)
}

const labels: Readonly<Record<string, string>> = {
  docs: 'Documentation',
  contract: 'The contract (OpenAPI)',
  problems: 'What each problem means',
  source: 'Source code',
  security: 'Report a security problem',
}

function main(version: string, links: Readonly<Record<string, string>>): string {
  const items = Object.entries(links).map(
    ([what, url]) => `<li><a href="${escapeHtml(url)}">${labels[what] ?? what}</a></li>`,
  )
  return `<p>A service with which unions and strike committees offer, answer, sign and keep pacts of mutual support.</p>
<ul>
${items.join('\n')}
</ul>
<p>Version ${escapeHtml(version)}, free software under AGPL-3.0-or-later.</p>`
}

/** RFC 9116 requires an expiry date, so the file is generated every day. */
function registerSecurityText(
  app: FastifyInstance,
  { publicUrl, clock, securityContacts }: FrontPageOptions,
) {
  const made = (day: string) => ({
    day,
    answer: staticDocument({
      cacheControl: 'public, max-age=86400',
      make: () => [{ type: 'text/plain', body: securityText(day) }],
    }),
  })
  const securityText = (day: string): string => {
    const expires = new Date(Date.parse(day) + validDays * 86_400_000).toISOString()
    const lines = [...securityContacts.map((contact) => `Contact: ${contact}`), `Expires: ${expires}`]
    // Only https addresses are allowed here (section 2.5.2).
    if (publicUrl.startsWith('https:')) lines.push(`Canonical: ${publicUrl}${securityPath}`)
    return `${lines.join('\n')}\n`
  }
  let current = made(dayOf(clock()))
  app.get(securityPath, documentRoute, async (request, reply) => {
    const today = dayOf(clock())
    if (current.day !== today) current = made(today)
    return current.answer(request, reply)
  })
}

const dayOf = (instant: Date): string => instant.toISOString().slice(0, 10)
