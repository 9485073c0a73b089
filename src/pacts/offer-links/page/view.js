/** Puts the offer on the page. What others wrote is put in as text, never as markup. */
const { language, texts } = JSON.parse(document.getElementById('texts').textContent)
const plurals = new Intl.PluralRules(language)

const part = (id) => document.getElementById(id)

/** A text of the catalogue. Each value is isolated, so that an Arabic name does not turn an English sentence around. */
const say = (key, values = {}) =>
  texts[key].replace(/\{(\w+)\}/g, (_, name) => '\u2068' + values[name] + '\u2069')

function sayCount(key, count, values = {}) {
  const chosen = key + '.' + plurals.select(count)
  return say(chosen in texts ? chosen : key + '.other', { ...values, count })
}

function put(into, name, text, attributes = {}) {
  const element = document.createElement(name)
  element.textContent = text
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value)
  into.append(element)
  return element
}

/** One message at a time, where the reader is: of what goes on, or of what went wrong. */
function tell(text, isFault = false) {
  part('state').textContent = isFault ? '' : text
  part('fault').textContent = isFault ? text : ''
  if (!part('answer').hidden) part(isFault ? 'fault' : 'state').scrollIntoView({ block: 'nearest' })
}
const fail = (...sentences) => tell(sentences.join(' '), true)

const dayOf = (date) =>
  new Intl.DateTimeFormat(language, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(new Date(date))

const instantIn = (timeZone, instant) =>
  new Intl.DateTimeFormat(language, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
  }).format(new Date(instant))

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC'

/** By the clock of the reader, with its zone; and in UTC, which is what counts. */
function sayInstant(key, instant) {
  const local = say(key, { local: instantIn(zone, instant), zone })
  if (zone === 'UTC') return local
  return local + ' ' + say('instant.utc', { utc: instantIn('UTC', instant) })
}

function sayDue(due, promise) {
  if (due.kind === 'on_request') return sayCount('commitment.on_request', due.withinHours, promise)
  if (due.kind === 'every_months') return sayCount('commitment.every_months', due.months, promise)
  return say('commitment.by_date', { ...promise, date: dayOf(due.date) })
}

function showOffer({ me, pact, proposal }) {
  const names = new Map(pact.parties.map(({ organisation }) => [organisation.id, organisation.name]))
  const nameOf = (id) => names.get(id) ?? texts['offer.everybody']
  const { content } = proposal
  const offer = part('offer')
  put(offer, 'p', say('offer.from', { proposer: pact.proposer.name, organisation: me.organisation.name }))
  put(offer, 'p', say('offer.parties', { names: [...names.values()].join(', ') }))
  const tags = [content.authentic, ...Object.keys(content.texts).filter((tag) => tag !== content.authentic)]
  for (const tag of tags) {
    const { title, body } = content.texts[tag]
    const text = put(offer, 'article', '', { lang: tag })
    put(text, 'h2', title, { dir: 'auto' })
    put(text, 'p', body, { dir: 'auto' })
  }
  if (tags.length > 1) put(offer, 'p', say('offer.authentic'))
  if (content.commitments.length > 0) put(offer, 'h2', say('offer.commitments'))
  const list = put(offer, 'ul', '')
  for (const { giver, beneficiary, description, due } of content.commitments) {
    const promise = { giver: nameOf(giver), beneficiary: nameOf(beneficiary), description }
    put(list, 'li', sayDue(due, promise))
  }
  const { startsOn, endsOn } = content.term
  const start = dayOf(startsOn)
  put(
    offer,
    'p',
    endsOn ? say('offer.term', { start, end: dayOf(endsOn) }) : say('offer.termOpen', { start }),
  )
  put(offer, 'p', sayCount('offer.notice', content.noticeDays))
  if (proposal.status === 'open') put(offer, 'p', sayInstant('offer.answerBy', proposal.answerBy))
}

/** What a party that has accepted does next, and by whose link. */
function showNext({ me, organisation, names }, pact) {
  const next = part('next')
  next.hidden = false
  put(next, 'p', say(pact.status === 'signing' ? 'next.signing' : 'next.waiting'))
  if (pact.signBy) put(next, 'p', sayInstant('next.signBy', pact.signBy))
  const maker = names.get(organisation?.madeKnownBy?.id)
  const steps = put(next, 'ol', '')
  const invited = { maker, organisation: me.organisation.name }
  put(steps, 'li', say(maker ? 'next.link' : 'next.linkOfMaker', invited))
  putStep(steps, 'next.claim', '/docs#tag/offer-links/POST/v1/claims')
  putStep(steps, 'next.sign', '/docs#tag/pacts/POST/v1/pacts/{id}/signatures')
}

function putStep(steps, key, documentation) {
  const step = put(steps, 'li', say(key) + ' ')
  put(step, 'a', say(key + 'How'), { href: root + documentation })
}

/** The languages in which somebody may write: theirs, those of the offer, and many more, each by its own name. */
const otherLanguages =
  'af am ar az be bg bn bs ca cs da de el en es et eu fa fi fil fr ga gl gu ha he hi hr hu hy id ig is it ja ka kk km kn ko ' +
  'ku ky lo lt lv mk ml mn mr ms my nb ne nl om pa pl ps pt ro ru rw si sk sl so sq sr sv sw ta te tg th ti tk tr uk ur uz ' +
  'vi wo xh yo zh zu'

function offerLanguages(tagsOfOffer) {
  const likely = [...new Set([...navigator.languages.flatMap(canonical), ...tagsOfOffer])]
  const others = otherLanguages.split(' ').filter((tag) => !likely.includes(tag))
  const named = others.map((tag) => [tag, nameOfLanguage(tag)])
  named.sort(([, one], [, other]) => one.localeCompare(other, language))
  for (const [tag, name] of [...likely.map((tag) => [tag, nameOfLanguage(tag)]), ...named])
    put(part('language'), 'option', name, { value: tag, lang: tag })
}

function canonical(tag) {
  try {
    const { language: base, script, region } = new Intl.Locale(tag)
    return /^[a-z]{2,3}$/.test(base) ? [[base, script, region].filter(Boolean).join('-')] : []
  } catch {
    return []
  }
}

/** By its own name, or by that in the language of the page where the browser knows no other. */
function nameOfLanguage(tag) {
  const names = [tag, language].map((of) => new Intl.DisplayNames([of], { type: 'language' }).of(tag))
  return names.find((name) => name !== tag) ?? tag
}
