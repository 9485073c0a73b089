/** What runs in the browser of whoever opens an offer link; ../page.ts puts it into the page, behind address.js. */
const { secret, fault } = readSecret(location)
const part = (id) => document.getElementById(id)
const put = (into, name, text, lang) => {
  const element = document.createElement(name)
  element.textContent = text
  if (lang) element.lang = lang
  into.append(element)
  return element
}
const tell = (text) => {
  part('state').textContent = text
}

async function ask(path, body) {
  const headers = { authorization: 'Bearer ' + secret }
  if (body) headers['content-type'] = 'application/json'
  const method = body ? 'POST' : 'GET'
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) })
  const told = await answer.json()
  if (answer.ok) return told
  if (answer.status === 401) throw new Error(faults.changed)
  throw new Error(
    told.title + '. ' + told.detail + (told.errors ?? []).map((fault) => ' ' + fault.detail).join(''),
  )
}

const dueOf = (due) =>
  ({
    on_request: 'within ' + due.withinHours + ' hours of a request',
    by_date: 'by ' + due.date,
    every_months: 'every ' + due.months + ' months',
  })[due.kind]

function show(me, pact, proposal) {
  const names = new Map(pact.parties.map(({ organisation }) => [organisation.id, organisation.name]))
  const nameOf = (id) => names.get(id) ?? 'all'
  const { content } = proposal
  const offer = part('offer')
  put(
    offer,
    'p',
    pact.proposer.name +
      ' offers this pact to ' +
      me.organisation.name +
      '. Parties: ' +
      [...names.values()].join(', ') +
      '.',
  )
  const tags = [content.authentic, ...Object.keys(content.texts).filter((tag) => tag !== content.authentic)]
  for (const tag of tags) {
    const { title, body } = content.texts[tag]
    const text = put(offer, 'article', '', tag)
    text.dir = 'auto'
    put(text, 'h2', title)
    put(text, 'p', body)
  }
  if (tags.length > 1) put(offer, 'p', 'Where the texts differ, the first one counts.')
  if (content.commitments.length > 0) put(offer, 'h2', 'Promises')
  const list = put(offer, 'ul', '')
  for (const { giver, beneficiary, description, due } of content.commitments)
    put(list, 'li', nameOf(giver) + ' to ' + nameOf(beneficiary) + ', ' + dueOf(due) + ': ' + description)
  put(
    offer,
    'p',
    'In force from ' +
      content.term.startsOn +
      (content.term.endsOn ? ' to ' + content.term.endsOn : '') +
      '. Days of notice agreed: ' +
      content.noticeDays +
      '. Answer by ' +
      new Date(proposal.answerBy).toLocaleString() +
      '.',
  )
}

const said = {
  accept: 'You have accepted. This link is used up.',
  decline: 'You have declined. This link is used up.',
  needs_more_time: 'They know that you need more time. The link stays good.',
  comment: 'They can read your comment. The link stays good.',
}

async function answerWith(decision, about) {
  const statement = part('statement').value.trim()
  if (decision === 'comment' && !statement) return tell('Write the comment first.')
  const buttons = [...document.querySelectorAll('button')]
  for (const button of buttons) button.disabled = true
  try {
    const { linkSpent } = await ask(root + '/v1/answers', {
      ...about,
      decision,
      ...(statement && { statement }),
    })
    tell(said[decision])
    if (linkSpent) part('answer').hidden = true
  } catch (error) {
    tell(error.message)
  }
  for (const button of buttons) button.disabled = false
}

const whatToDo =
  ' Copy the whole address from the message, up to its last letter, and put it into the address bar. If that does not help, ' +
  'ask those who sent it to send the link again.'
const faults = {
  missing: 'The address was changed on its way: what stands behind the # is missing.' + whatToDo,
  changed: 'The address was changed on its way: letters of it are missing, or are others.' + whatToDo,
  other: 'This address holds no offer, but a secret of another kind. Show it to nobody.' + whatToDo,
}

async function open() {
  if (fault) return tell(faults[fault])
  mendAddress(secret)
  const me = await ask(root + '/v1/me')
  if (me.kind !== 'link') return tell('This is not the secret of an offer. Open the link as it was sent.')
  const pact = await ask(me.pact.url)
  if (!pact.proposal) return tell('There is nothing to answer just now. Ask those who sent the link.')
  const proposal = await ask(pact.proposal.url)
  show(me, pact, proposal)
  tell('')
  if (proposal.status !== 'open')
    return tell('There is nothing to answer: this proposal is ' + proposal.status + '.')
  const about = { proposalId: proposal.id, contentDigest: proposal.contentDigest }
  part('answer').hidden = false
  for (const button of document.querySelectorAll('button'))
    button.addEventListener('click', () => answerWith(button.value, about))
}

open().catch((error) => tell(error.message))
