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
    'Their signatures stay, but nothing new can be given to them or done in their name. If the person returns, add them as a new delegate.',
  constraints: ['delegates_erased'],
})

export const identityNotFound = refusal({
  status: 404,
  code: 'identity_not_found',
  title: 'There is no identity',
  advice: 'Write one with PUT if you need it for a visa or an invitation. Nothing else requires it.',
})

export const othersIdentityMissing = refusal({
  status: 404,
  code: 'others_identity_missing',
  title: 'This person has not written an identity',
  advice: 'There is nothing to read. Ask the person for what you need to know.',
})

export const identityBudgetSpent = refusal({
  status: 429,
  code: 'identity_budget_spent',
  title: 'Daily limit of identity reads reached',
  advice:
    'Wait until tomorrow (UTC). If you did not read them, revoke your tokens, because somebody else uses one.',
})

export const disclosureNotFound = refusal({
  status: 404,
  code: 'disclosure_not_found',
  title: 'There is no such disclosure',
  advice: 'Check the id. It may also be one that your token may not see.',
})

export const disclosureClosed = refusal({
  status: 409,
  code: 'disclosure_closed',
  title: 'This disclosure is not open',
  advice:
    'Read its status: it was already granted, or it has ended, for example because the mandate of the requesting coordinator ended. Request a new one if necessary.',
})

export const disclosureNotOpen = refusal({
  status: 403,
  code: 'disclosure_not_open',
  title: 'This identity has not been disclosed to you',
  advice:
    'Read the status of the disclosure. A coordinator of another coordination must grant it first. The identity is then readable for 24 hours, while both coordinators hold their mandates.',
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
    'Read its status: it was already granted, was cancelled or has expired, or the person who requested it is no longer a coordinator. Request a new one.',
})

export const recoveryOpen = refusal({
  status: 409,
  code: 'recovery_open',
  title: 'Your coordination has already requested a recovery for this person',
  advice:
    'Find it with GET /v1/recoveries, and ask a coordinator of another coordination to grant it. If it was a mistake, cancel it with DELETE /v1/recoveries/{id} and request a new one.',
  constraints: ['recoveries_one_open'],
})

export const administratorGone = refusal({
  status: 409,
  code: 'administrator_gone',
  title: 'The person no longer administers the organisation',
  advice:
    'Their mandate has ended since the request, or the organisation is not allowed to act. A current administrator can give them a mandate and an enrolment link. If that administrator lost their token too, request a recovery for that administrator.',
})

export const secondFactorNeeded = refusal({
  status: 403,
  code: 'second_factor_needed',
  title: 'This needs your second factor',
  advice:
    'Send the six digits of your authenticator to POST /v1/me/elevations, and repeat the request within 15 minutes. If you have no second factor yet, start with POST /v1/me/second-factor.',
})

export const secondFactorTooNew = refusal({
  status: 403,
  code: 'second_factor_too_new',
  title: 'Your second factor is too new for this',
  advice:
    'A new second factor opens your own identity immediately, and the data of others 48 hours after its first code. GET /v1/me/second-factor shows the time. If it is urgent, ask somebody else who has access.',
})

export const tokenTooNew = refusal({
  status: 403,
  code: 'token_too_new',
  title: 'This token is too new to delete anything',
  advice:
    'It comes from a link that somebody else created for you while you had another token. Use that other token, or wait. GET /v1/tokens lists your tokens; revoke those that are not yours.',
})

export const secondFactorMissing = refusal({
  status: 404,
  code: 'second_factor_missing',
  title: 'You have no second factor',
  advice: 'Set one up with POST /v1/me/second-factor, and enter its secret into an authenticator.',
})

export const secondFactorExists = refusal({
  status: 409,
  code: 'second_factor_exists',
  title: 'You already have a second factor',
  advice:
    'Use its codes. If you lost it, remove it first. This deletes the identity that it protects and revokes the access that it gives.',
})

export const codeWrong = refusal({
  status: 403,
  code: 'code_wrong',
  title: 'The code is wrong, expired or already used',
  advice: 'Wait for the next six digits and send those. Check that the clock of your device is right.',
})

export const tooManyCodes = refusal({
  status: 429,
  code: 'too_many_codes',
  title: 'Too many wrong codes',
  advice:
    'Wait for the number of seconds in Retry-After. Every further five wrong codes double the wait. If you did not send them, revoke your tokens, because somebody else uses one.',
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
  title: 'The delegate already holds this office in that period',
  advice: 'Recall the present mandate first, or choose a period that does not overlap with it.',
  constraints: ['mandates_no_overlap'],
})

export const claimWaits = refusal({
  status: 409,
  code: 'claim_waits',
  title: 'You have already claimed an office in this organisation',
  advice:
    'Wait until an administrator of the organisation has decided on the claim, or ask one to refuse it. Then claim another office.',
  constraints: ['mandates_one_claim'],
})

export const lastAdministrator = refusal({
  status: 409,
  code: 'last_administrator',
  title: 'The organisation would have no administrator left',
  advice:
    'First give a mandate with the power "administer" and without a last day to another delegate who holds a token. If nobody can take over, have the organisation dissolved.',
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
  title: 'This account is already bound to a delegate',
  advice:
    'Use its access tokens directly. To bind it to another delegate, revoke the token that represents it first.',
  constraints: ['tokens_pkey'],
})

export const enrolmentGone = refusal({
  status: 410,
  code: 'enrolment_link_gone',
  title: 'This enrolment link is not valid',
  advice: 'It was used, has expired or was revoked. Ask your secretary for a new one.',
})
