import { refusal } from '../platform/problems.ts'

export const delegateNotFound = refusal({
  status: 404,
  code: 'delegate_not_found',
  title: 'There is no such delegate',
  advice: 'Check the id. It may also be one that your token may not see.',
})

export const delegateErased = refusal({
  status: 410,
  code: 'delegate_erased',
  title: 'This person was erased',
  advice:
    'What they signed stays, and nothing new is given to them or done in their name. If they come back, make them known anew.',
  constraints: ['delegates_erased'],
})

export const identityNotFound = refusal({
  status: 404,
  code: 'identity_not_found',
  title: 'No identity was written',
  advice: 'Write one with PUT if you need it, for a visa or an invitation. Nothing else asks for it.',
})

export const othersIdentityMissing = refusal({
  status: 404,
  code: 'others_identity_missing',
  title: 'This person has not written who they are',
  advice: 'There is nothing to be read. Ask the person for what you need to know.',
})

export const identityBudgetSpent = refusal({
  status: 429,
  code: 'identity_budget_spent',
  title: 'You have read as many identities today as anybody needs',
  advice: 'Wait until tomorrow, UTC. If it was not you, revoke your tokens: somebody holds one.',
})

export const disclosureNotFound = refusal({
  status: 404,
  code: 'disclosure_not_found',
  title: 'No such disclosure',
  advice: 'Check the id. It may also be one that your token may not see.',
})

export const disclosureClosed = refusal({
  status: 409,
  code: 'disclosure_closed',
  title: 'This disclosure is not open',
  advice:
    'Read its status: it waits for a second coordinator, was granted already, or is over, also because the mandate of whoever asked has ended. Ask anew if you must.',
})

export const disclosureNotOpen = refusal({
  status: 403,
  code: 'disclosure_not_open',
  title: 'Who this is, is not open to you',
  advice:
    'Read the status of the disclosure: a coordinator of another coordination has to grant it first, and it is open for 24 hours, while both hold their mandates.',
})

export const anotherPersonNeeded = refusal({
  status: 409,
  code: 'another_person_needed',
  title: 'This needs another person than the one who asked',
  advice: 'A coordinator of another coordination has to agree. It waits for 72 hours.',
})

export const recoveryNotFound = refusal({
  status: 404,
  code: 'recovery_not_found',
  title: 'There is no such recovery',
  advice: 'Check the id. It may also be one that your token may not see.',
})

export const recoveryClosed = refusal({
  status: 409,
  code: 'recovery_closed',
  title: 'This recovery is not open',
  advice:
    'Read its status: it was granted already, was ended or waited too long, or who asked for it is no coordinator any more. Ask anew.',
})

export const recoveryOpen = refusal({
  status: 409,
  code: 'recovery_open',
  title: 'Your coordination has asked for this person already',
  advice:
    'Read GET /v1/recoveries and have a coordinator of another coordination agree to it. If it was a mistake, end it with DELETE /v1/recoveries/{id} and ask anew.',
  constraints: ['recoveries_one_open'],
})

export const administratorGone = refusal({
  status: 409,
  code: 'administrator_gone',
  title: 'Whoever this is about does not administer the organisation any more',
  advice:
    'Their mandate has ended since it was asked, or the organisation may not act. Whoever administers it now gives them a mandate and an enrolment link, if they should have one; if that person lost their token too, ask for them.',
})

export const secondFactorNeeded = refusal({
  status: 403,
  code: 'second_factor_needed',
  title: 'This needs your second factor',
  advice:
    'Send the six digits of your authenticator to POST /v1/me/elevations and ask again within 15 minutes. If you have none yet, begin with POST /v1/me/second-factor.',
})

export const secondFactorTooNew = refusal({
  status: 403,
  code: 'second_factor_too_new',
  title: 'Your second factor is too new for this',
  advice:
    'A new one opens your own identity at once, and what is not your own 48 hours after its first code: GET /v1/me/second-factor says from when on. If it is urgent, ask somebody else who may read it.',
})

export const tokenTooNew = refusal({
  status: 403,
  code: 'token_too_new',
  title: 'This token is too new to destroy anything with it',
  advice:
    'It was taken by a link that others made for you, while you had another: use that one, or wait. GET /v1/tokens lists them; revoke what is not yours.',
})

export const secondFactorMissing = refusal({
  status: 404,
  code: 'second_factor_missing',
  title: 'You have no second factor',
  advice: 'Begin one with POST /v1/me/second-factor, and give its secret to an authenticator.',
})

export const secondFactorExists = refusal({
  status: 409,
  code: 'second_factor_exists',
  title: 'You have a second factor already',
  advice: 'Use its codes. If you lost it, remove it first; what it protects and what it opens goes with it.',
})

export const codeWrong = refusal({
  status: 403,
  code: 'code_wrong',
  title: 'The code is wrong, over, or was used before',
  advice: 'Wait for the next six digits and send those. See that the clock of your device is right.',
})

export const tooManyCodes = refusal({
  status: 429,
  code: 'too_many_codes',
  title: 'Too many wrong codes',
  advice:
    'Wait for the seconds given in Retry-After; each further five wrong codes double it. If it was not you, revoke your tokens: somebody holds one.',
})

export const mandateNotFound = refusal({
  status: 404,
  code: 'mandate_not_found',
  title: 'There is no such mandate',
  advice: 'Check the id. It may also be one that your token may not see.',
})

export const mandateOverlaps = refusal({
  status: 409,
  code: 'mandate_overlaps',
  title: 'The delegate has this office in that period already',
  advice: 'Recall the present mandate first, or choose a period that does not overlap with it.',
  constraints: ['mandates_no_overlap'],
})

export const claimWaits = refusal({
  status: 409,
  code: 'claim_waits',
  title: 'You have claimed an office there already',
  advice:
    'Wait until those who administer the organisation have decided on it, or ask them to refuse it. Then claim another.',
  constraints: ['mandates_one_claim'],
})

export const lastAdministrator = refusal({
  status: 409,
  code: 'last_administrator',
  title: 'The organisation would be left without anyone to administer it',
  advice:
    'Give another delegate, who has taken a token, a mandate with the power "administer" and without a last day first. If nobody goes on, have the organisation dissolved.',
})

export const tokenNotFound = refusal({
  status: 404,
  code: 'token_not_found',
  title: 'There is no such token',
  advice: 'Check the id. It may also be one that your token may not see.',
})

export const enrolmentLinkNotFound = refusal({
  status: 404,
  code: 'enrolment_link_not_found',
  title: 'There is no such enrolment link',
  advice: 'Check the id. It may also be one that your token may not see.',
})

export const accountBound = refusal({
  status: 409,
  code: 'account_bound',
  title: 'This account is a delegate already',
  advice:
    'Use its access tokens as they are. To be another delegate, revoke the token that stands for it first.',
  constraints: ['tokens_pkey'],
})

export const enrolmentGone = refusal({
  status: 410,
  code: 'enrolment_link_gone',
  title: 'This enrolment link is no longer good',
  advice: 'It was used, has expired or was revoked. Ask your secretary for a new one.',
})
