/** What the page does; ../page.ts puts it behind the other scripts. */
const { secret, fault } = readSecret(location)
const isFinal = (decision) => decision === 'accept' || decision === 'decline'

async function open() {
  if (fault) return fail(say('address.' + fault), say('address.advice'))
  mendAddress(secret)
  tell(say('reading'))
  const me = await ask('/v1/me')
  if (me.kind !== 'link') return fail(say('address.other'), say('address.advice'))
  const pact = await ask(me.pact.url)
  if (!pact.proposal) return tell(say('nothing.none'))
  // Who made the organisation known is asked now: after the answer the link reads nothing any more.
  const [proposal, organisation] = await Promise.all([
    ask(pact.proposal.url),
    ask(me.organisation.url).catch(() => undefined),
  ])
  const names = new Map(pact.parties.map((party) => [party.organisation.id, party.organisation.name]))
  const read = { me, pact, proposal, organisation, names }
  showOffer(read)
  tell('')
  takeAnswers(read)
}

function takeAnswers(read) {
  const { me, pact, proposal } = read
  const own = pact.parties.find(({ organisation }) => organisation.id === me.organisation.id)
  const isOpen = proposal.status === 'open'
  if (own?.acceptedCurrent && (isOpen || pact.status === 'signing')) {
    tell(say('accepted.before'))
    showNext(read, pact)
  } else if (!isOpen) {
    return tell(texts['nothing.' + proposal.status] ?? say('nothing.closed'))
  }
  offerLanguages(Object.keys(proposal.content.texts))
  part('answer').hidden = false
  part('more-time').hidden = part('decision').hidden = own?.acceptedCurrent === true
  for (const button of answerButtons())
    button.addEventListener('click', () => once(() => send(button.value, read)))
}

const answerButtons = () => [...document.querySelectorAll('#answer button')]

let isSending = false

/** A second tap while the first is at work does nothing. */
async function once(work) {
  if (isSending) return
  isSending = true
  const focused = document.activeElement
  for (const button of answerButtons()) button.disabled = true
  part('statement').readOnly = true
  await work()
  for (const button of answerButtons()) button.disabled = false
  part('statement').readOnly = false
  isSending = false
  // What is disabled loses the focus, and who uses a keyboard their place.
  if (!part('answer').hidden) focused.focus()
}

async function send(decision, read) {
  const statement = part('statement').value.trim()
  if (decision === 'comment' && !statement) return fail(say('fault.empty'))
  if (isFinal(decision) && !(await confirmed(decision, statement, read.me.organisation.name))) return
  tell(say('sending'))
  const { id: proposalId, contentDigest } = read.proposal
  const words = statement && { statement, language: part('language').value }
  const body = { proposalId, contentDigest, decision, ...words }
  try {
    const { pact, linkSpent } = await ask('/v1/answers', { body, key: keyFor(body) })
    forgetAct()
    part('statement').value = ''
    tell(say('done.' + decision))
    if (!linkSpent) return
    part('answer').hidden = true
    if (decision === 'accept') showNext(read, pact)
    part('result').focus()
  } catch (error) {
    if (error.isSettled) forgetAct()
    fail(sayFault(error))
  }
}

/** Asks once more, and shows what goes out. The second tap of two lands on nothing: the button wakes up later. */
function confirmed(decision, statement, organisation) {
  const key = 'confirm.' + decision
  const dialog = part('confirm')
  if (!dialog.showModal) return window.confirm(say(key + '.text', { organisation }))
  part('confirm-heading').textContent = say(key + '.heading')
  part('confirm-text').textContent = say(key + '.text', { organisation })
  part('confirm-statement').hidden = !statement
  part('confirm-quote').textContent = statement
  const yes = part('confirm-yes')
  yes.textContent = say(key + '.yes')
  yes.disabled = true
  setTimeout(() => {
    yes.disabled = false
  }, 500)
  dialog.returnValue = ''
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true })
  })
}

part('confirm-yes').addEventListener('click', () => part('confirm').close('yes'))
part('confirm-back').addEventListener('click', () => part('confirm').close())
open().catch((error) => fail(sayFault(error, true)))
