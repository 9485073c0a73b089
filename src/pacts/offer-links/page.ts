/**
 * The page that an offer link opens. It shows the offer and takes the answer, so that the recipient needs only a browser.
 * The secret stays in the fragment and is sent only in the Authorization header. Opening the page does not use up the
 * link; an answer does. Texts from users are inserted as text, never as markup.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { escapeHtml } from '../../platform/http/html-page.ts'
import { addressOf } from '../../platform/http/link-addresses.ts'
import type { DocumentOptions } from '../../platform/http/static-documents.ts'
import { catalogues, type PageLanguage } from './page/texts.ts'

const read = (file: string): string => readFileSync(new URL(`page/${file}`, import.meta.url), 'utf8')

const style = read('style.css')
// A program of its own, for another machine: nothing here runs it.
const script = ['address.js', 'view.js', 'requests.js', 'page.js'].map(read).join('\n')

export const isOfferAddress = addressOf('offer', 'link')

function pageIn(language: PageLanguage): string {
  const { dir, texts } = catalogues[language]
  const say = (key: keyof typeof texts): string => escapeHtml(texts[key])
  return `<!doctype html>
<html lang="${language}" dir="${dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>${say('page.title')}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${say('title')}</h1>
<noscript><p>${say('noscript')}</p></noscript>
<section id="offer"></section>
<section id="answer" aria-labelledby="answer-heading" hidden>
<h2 id="answer-heading">${say('answer.heading')}</h2>
<p id="answer-keeps">${say('answer.keeps')}</p>
<label for="statement">${say('answer.statement')}</label>
<textarea id="statement" rows="4" maxlength="4000" dir="auto" aria-describedby="answer-names"></textarea>
<p id="answer-names">${say('answer.names')}</p>
<label for="language">${say('answer.language')}</label>
<select id="language"></select>
<div class="acts">
<button type="button" value="comment">${say('answer.comment')}</button>
<button type="button" id="more-time" value="needs_more_time">${say('answer.moreTime')}</button>
</div>
<section id="decision" aria-labelledby="decision-heading">
<h2 id="decision-heading">${say('decision.heading')}</h2>
<p id="decision-final">${say('decision.final')}</p>
<div class="acts apart">
<button type="button" class="strong" value="accept" aria-describedby="decision-final">${say('decision.accept')}</button>
<button type="button" value="decline" aria-describedby="decision-final">${say('decision.decline')}</button>
</div>
</section>
</section>
<div id="result" tabindex="-1">
<p id="state" role="status"></p>
<p id="fault" role="alert"></p>
<section id="next" aria-labelledby="next-heading" hidden>
<h2 id="next-heading">${say('next.heading')}</h2>
</section>
</div>
</main>
<dialog id="confirm" aria-labelledby="confirm-heading" aria-describedby="confirm-text">
<h2 id="confirm-heading"></h2>
<p id="confirm-text"></p>
<div id="confirm-statement">
<p>${say('confirm.statement')}</p>
<blockquote id="confirm-quote" dir="auto"></blockquote>
</div>
<div class="acts apart">
<button type="button" id="confirm-yes" class="strong"></button>
<button type="button" id="confirm-back" autofocus>${say('confirm.back')}</button>
</div>
</dialog>
<script type="application/json" id="texts">${jsonInHtml({ language, texts })}</script>
<script>${script}</script>
</body>
</html>
`
}

/** Without a sign that could end the element in which it stands. */
function jsonInHtml(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}

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
      body: pageIn('en'),
      headers: {
        'content-security-policy': contentSecurityPolicy,
        'referrer-policy': 'no-referrer',
      },
    },
  ],
}
