/**
 * Everything that the page of an offer says, by language. Values stand in braces; a key that ends in a plural category of
 * CLDR (`.one`, `.other` and, in other languages, more) is chosen by a number. Texts are sentences of their own: no sentence
 * is put together from parts, whose order differs from language to language.
 */
const en = {
  title: 'An offer of solidarity',
  'page.title': 'An offer of solidarity – Solidarity Pact',
  noscript:
    'This page needs JavaScript. The secret of the offer is behind the # of the address. A browser does not send it to the service, so only a script on this page can read it. Turn JavaScript on, or open the link in another browser.',
  reading: 'Reading the offer…',
  sending: 'Sending…',

  'address.missing': 'The address was changed on its way: the part behind the # is missing.',
  'address.changed': 'The address was changed on its way: some of its letters are missing or wrong.',
  'address.other': 'This address contains another kind of secret, not an offer. Do not show it to anybody.',
  'address.advice':
    'Copy the whole address from the message, up to its last letter, and put it into the address bar of the browser. If that does not help, ask those who sent it to send the link again.',

  'offer.from': '{proposer} offers this pact to {organisation}.',
  'offer.parties': 'Parties: {names}.',
  'offer.authentic': 'If the texts differ, the first one is decisive.',
  'offer.commitments': 'Promises',
  'offer.everybody': 'all parties',
  'commitment.on_request.one': '{giver} to {beneficiary}, within {count} hour of a request: {description}',
  'commitment.on_request.other': '{giver} to {beneficiary}, within {count} hours of a request: {description}',
  'commitment.by_date': '{giver} to {beneficiary}, by {date}: {description}',
  'commitment.every_months.one': '{giver} to {beneficiary}, every month: {description}',
  'commitment.every_months.other': '{giver} to {beneficiary}, every {count} months: {description}',
  'offer.term': 'In force from {start} to {end}.',
  'offer.termOpen': 'In force from {start}, without a last day.',
  'offer.notice.one': 'Notice agreed: {count} day.',
  'offer.notice.other': 'Notice agreed: {count} days.',
  'offer.answerBy': 'Answer by {local} ({zone}).',
  'instant.utc': 'In UTC that is {utc}.',

  'answer.heading': 'Your answer',
  'answer.names': 'Do not write the names of people.',
  'answer.statement': 'What you want to say',
  'answer.language': 'The language of what you say',
  'answer.comment': 'Send as a comment',
  'answer.moreTime': 'Ask for more time',
  'answer.keeps': 'A comment or a request for more time decides nothing. You can use this link again.',
  'decision.heading': 'Your decision',
  'decision.final':
    'Accepting or declining is final, and this link is then used up. The page asks you to confirm before it sends your decision.',
  'decision.accept': 'Accept',
  'decision.decline': 'Decline',

  'confirm.accept.heading': 'Accept this offer?',
  'confirm.accept.text': 'You accept for {organisation}. This cannot be taken back.',
  'confirm.accept.yes': 'Yes, accept',
  'confirm.decline.heading': 'Decline this offer?',
  'confirm.decline.text': 'You decline for {organisation}. This cannot be taken back.',
  'confirm.decline.yes': 'Yes, decline',
  'confirm.statement': 'This is sent with it:',
  'confirm.back': 'Go back',

  'done.comment': 'Your comment was sent. You can use this link again.',
  'done.needs_more_time': 'The other parties now read that you need more time. You can use this link again.',
  'done.decline': 'You have declined. The other parties can read it. This link is used up.',
  'done.accept': 'You have accepted. The other parties can read it. This link is used up.',

  'accepted.before': 'Your organisation has accepted this offer.',
  'next.heading': 'What comes next',
  'next.waiting': 'The other parties must answer first. Signing begins when all of them have accepted.',
  'next.signing':
    'All parties have accepted. Now each party signs. The pact is in force when all have signed.',
  'next.signBy': 'Sign by {local} ({zone}).',
  'next.link':
    'Ask {maker} to send you a new link. Only an organisation with an account can sign, and only that link opens the account of {organisation}.',
  'next.linkOfMaker':
    'Ask those who first entered {organisation} here to send you a link. Only an organisation with an account can sign, and only their link opens yours.',
  'next.claim':
    'Claim the account with that link, instead of answering with it. This page cannot do that: you need a program, or somebody who can use one. You get a token, which is shown only once. Keep it safe.',
  'next.claimHow': 'How to claim the account',
  'next.sign': 'Sign the pact with that token.',
  'next.signHow': 'How to sign',

  'nothing.none': 'There is nothing to answer now. Ask those who sent the link.',
  'nothing.accepted': 'There is nothing to answer any more: all parties have accepted this offer.',
  'nothing.superseded':
    'There is nothing to answer: another text has replaced this one. Ask those who sent the link.',
  'nothing.expired':
    'The time to accept this offer is over. Ask those who sent the link to make the offer again.',
  'nothing.closed':
    'There is nothing to answer any more: this offer was closed. Ask those who sent the link.',

  'fault.empty': 'Write first what you want to say.',
  'fault.offline':
    'The service could not be reached, so nobody knows whether your answer arrived. What you wrote is still here. Check your connection and press the same button again: it is stored only once.',
  'fault.offlineReading': 'The service could not be reached. Check your connection and load this page again.',
  'fault.busy':
    'The service cannot answer now. What you wrote is still here. Wait a minute and press the same button again: it is stored only once.',
  'fault.busyReading': 'The service cannot answer now. Wait a minute and load this page again.',
  'fault.link_gone':
    'This link is no longer valid: it was used, has expired, or was revoked. If you have just answered with it yourself, your answer has arrived. Otherwise ask those who sent it for a new link. If your organisation has an account now, its secretary answers there. If somebody has answered for you without permission, tell those who sent the link at once.',
  'fault.too_many_requests':
    'There were too many requests from your connection. What you wrote is still here. Wait a few minutes and press the same button again.',
  'fault.idempotency_in_progress':
    'Your answer is being stored. Wait a moment and press the same button again: it is stored only once.',
  'fault.proposal_superseded':
    'While you were reading, another text replaced this one. Keep what you wrote, load this page again and decide on the new text.',
  'fault.already_answered': 'Your organisation has already decided on this offer. A decision is final.',
  'fault.answer_too_late':
    'The time to accept this offer is over. Ask those who sent the link to make the offer again.',
  'fault.pact_overlaps':
    'Your organisation already has such a pact with one of the parties for that time. Ask those who sent the link for another term.',
  'fault.parties_not_free':
    'Something between two of the parties prevents this pact. Ask the other parties, then accept again.',
  'fault.party_unfit': 'One of the parties cannot make a pact now. Ask those who sent the link what to do.',
  'fault.move_not_allowed':
    'This pact does not accept such an answer any more. Load this page again to see why.',
  'fault.invalid_input': 'Your text was refused: it {details}. Change it and send it again.',
  'fault.other':
    'The service refused it: {title}. What you wrote is still here. Tell those who sent the link, and give them this number: {requestId}',
} as const

export type PageTexts = Readonly<Record<string, string>>
type Catalogue = { readonly dir: 'ltr' | 'rtl'; readonly texts: PageTexts }

/** By BCP 47 tag. A translation has every key of `en`. */
export const catalogues = { en: { dir: 'ltr', texts: en } } as const satisfies Record<string, Catalogue>
export type PageLanguage = keyof typeof catalogues
