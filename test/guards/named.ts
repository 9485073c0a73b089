/** Guards without a common form: their text in the code, and the text that replaces it. */

export type Named = {
  name: string
  file: string
  find: string
  instead: string
  tests?: readonly string[]
  /** It compensates for what policies hide, so the policies stay enabled while it is tried. */
  behindPolicies?: boolean
}

export const named: readonly Named[] = [
  {
    name: 'a route refuses other kinds of caller',
    file: 'src/platform/access.ts',
    find: 'if (!access.to.includes(caller.kind)) throw forbidden(wrongKind(access))',
    instead: '',
  },
  {
    name: 'a token needs the scope',
    file: 'src/platform/access.ts',
    find: 'if (!caller.scopes.includes(access.scope)) {',
    instead: 'if (false) {',
  },
  {
    name: 'an act needs a mandate with the power',
    file: 'src/platform/access.ts',
    find: 'm.organisationId === organisationId && m.powers.includes(power)',
    instead: 'm.organisationId === organisationId',
  },
  {
    name: 'a coordinator is of a verified coordination',
    file: 'src/platform/access.ts',
    find: "m.powers.includes('vouch') &&",
    instead: '',
  },
  {
    name: 'a revoked token is none',
    file: 'src/delegates/tokens/queries.ts',
    find: 'gt(tokens.expiresAt, now), isNull(tokens.revokedAt), gte',
    instead: 'gt(tokens.expiresAt, now), gte',
  },
  {
    name: 'an expired token is none',
    file: 'src/delegates/tokens/queries.ts',
    find: 'and(gt(tokens.expiresAt, now), isNull',
    instead: 'and(isNull',
    tests: ['test/delegates/tokens.test.ts'],
  },
  {
    name: 'an idle token is none',
    file: 'src/delegates/tokens/queries.ts',
    find: ', gte(tokens.usedOn, since))',
    instead: ')',
    tests: ['test/delegates/idle-tokens.test.ts'],
  },
  {
    name: 'a mandate that ended gives nothing',
    file: 'src/delegates/mandates/functions.sql',
    find: "m.status = 'active' and o.status in",
    instead: 'o.status in',
  },
  {
    name: 'a code is good once',
    file: 'src/delegates/second-factor/actions.ts',
    find: 'if (period <= row.lastPeriod) return { right: false }',
    instead: '',
    tests: ['test/delegates/second-factor.test.ts'],
  },
  {
    name: 'why an organisation was moved is not for everybody',
    file: 'src/organisations/actions.ts',
    find: 'isWithoutReasons: !mayReadReasons(context.caller, id)',
    instead: 'isWithoutReasons: false',
    tests: ['test/organisations/transitions.test.ts'],
  },
  {
    name: 'only the two sides of an affiliation read the reasons in its history',
    file: 'src/organisations/affiliations/actions.ts',
    find: 'isWithoutReasons: !belongsTo(caller, memberId) && !belongsTo(caller, parentId)',
    instead: 'isWithoutReasons: false',
    tests: ['test/organisations/affiliations.test.ts'],
  },
  {
    name: 'an invitation is used while it is live',
    file: 'src/organisations/invitations/queries.ts',
    find: 'eq(invitations.hash, hash),\n        isLive(now),',
    instead: 'eq(invitations.hash, hash),',
    tests: ['test/organisations/invitations.test.ts'],
  },
  {
    name: 'the queue is for coordinators',
    file: 'src/organisations/verification-queue/routes.ts',
    find: "if (context.caller.kind !== 'operator' && !coordinatorMandate(context.caller)) throw onlyCoordinators()",
    instead: '',
    tests: ['test/organisations/verification-queue.test.ts'],
  },
  {
    name: 'a suspended organisation acts no more',
    file: 'src/delegates/mandates/functions.sql',
    find: " and o.status in ('provisional', 'verified', 'rejected')",
    instead: '',
  },
  {
    name: 'an expired or spent link is gone',
    file: 'src/pacts/offer-links/actions.ts',
    find: "if (status !== 'live' && !(status === 'used' && repeats)) throw linkGone()",
    instead: '',
  },
  {
    name: 'a link opens one pact',
    file: 'src/pacts/policy.ts',
    find: "if (caller.kind === 'link' && caller.linkedId !== pact.id) return false",
    instead: '',
    tests: ['test/pacts'],
  },
  {
    name: 'a draft is its proposer’s',
    file: 'src/pacts/policy.ts',
    find: 'pact.proposedAt !== null && pact.parties',
    instead: 'pact.parties',
    tests: ['test/pacts/drafts.test.ts', 'test/pacts/access.test.ts'],
  },
  {
    name: 'the list of organisations hides those that nobody vouched for',
    file: 'src/organisations/policy.ts',
    find: 'return isInNetwork(caller) ? networkStatuses : publicStatuses',
    instead: 'return networkStatuses',
    tests: ['test/organisations/registrations.test.ts', 'test/organisations/search.test.ts'],
  },
  {
    name: 'a mandate is read by those whom it concerns',
    file: 'src/delegates/policy.ts',
    find: '(belongsTo(caller, mandate.organisationId) && ',
    instead: '(',
  },
]
