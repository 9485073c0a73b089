/**
 * Who is calling, and what a route requires. A token identifies the caller. Live mandates authorise; every request
 * reads them again, so the request after a recall is refused.
 */
import type { FastifyRequest } from 'fastify'
import { forbidden, invalid, unauthenticated, type Fault } from './problems.ts'

/** Each feature adds what it brings by declaration merging, in its `feature.ts`: its folder, and a union of names. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- the platform has none of its own
export interface FeaturePowers {}
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- the platform has none of its own
export interface FeatureScopes {}

/** What a mandate allows a delegate to do for an organisation. */
export type Power = FeaturePowers[keyof FeaturePowers]
/** What a token may be used for. */
export type Scope = FeatureScopes[keyof FeatureScopes]

const declared: { powers: Power[]; scopes: Scope[] } = { powers: [], scopes: [] }

/** Called once, by the list of features. */
export function declareAccess(powers: readonly Power[], scopes: readonly Scope[]): void {
  declared.powers = [...new Set(powers)].sort()
  declared.scopes = [...new Set(scopes)]
}

/** All powers, in alphabetical order. */
export const allPowers = (): readonly Power[] => declared.powers
/** All scopes, in the order of the features. */
export const allScopes = (): readonly Scope[] => declared.scopes

/** A mandate that is valid now, in an organisation that may act. */
export type LiveMandate = {
  /** Null for an API client, whose authority is its token. */
  readonly id: string | null
  readonly organisationId: string
  readonly organisationKind: string
  readonly organisationStatus: string
  /** Empty while the organisation is sealed: see `organisations/seals`. */
  readonly powers: readonly Power[]
  readonly sealed: boolean
}

/** All sealed organisations. Everything of them is hidden from a caller who does not belong to them. */
type Withheld = { readonly sealedOrganisations: ReadonlySet<string> }

/** `isFirstToday`: today's use of the token is not recorded yet. */
type Bearer = Withheld & { readonly tokenId: string; readonly isFirstToday?: boolean }

export type Caller =
  | { readonly kind: 'anonymous' }
  | (Bearer & {
      readonly kind: 'delegate'
      readonly delegateId: string
      readonly scopes: readonly Scope[]
      readonly mandates: readonly LiveMandate[]
      /** Whether the second factor was given with this token in the last 15 minutes. */
      readonly elevated: boolean
    })
  | (Bearer & {
      readonly kind: 'client'
      readonly organisationId: string
      readonly scopes: readonly Scope[]
      /** An API client acts for its organisation, with the powers that an administrator gave it. */
      readonly mandates: readonly LiveMandate[]
    })
  | (Bearer & { readonly kind: 'operator' })
  | (Withheld & {
      readonly kind: 'link'
      readonly linkId: string
      /** The one thing that the link gives access to. */
      readonly linkedId: string
      readonly organisationId: string
    })
  | { readonly kind: 'system' }

export type CallerKind = Caller['kind']

/** What a route requires: the kinds of caller, and the scope of their token. */
export type Access = { readonly to: readonly CallerKind[]; readonly scope?: Scope }

const everyone: readonly CallerKind[] = ['anonymous', 'delegate', 'client', 'operator', 'link']

export const anyone: Access = { to: everyone }
export const holdersOf = (scope: Scope): Access => ({ to: ['delegate', 'client'], scope })
export const delegatesWith = (scope: Scope): Access => ({ to: ['delegate'], scope })
/** Representatives, coordinators and the operator, the only one who can verify the first coordination. */
export const holdersAndOperator = (scope: Scope): Access => ({
  to: ['delegate', 'client', 'operator'],
  scope,
})
/** Parties of a pact, by token or by the link that was sent to them. */
export const partiesOrLink = (scope: Scope): Access => ({ to: ['delegate', 'client', 'link'], scope })
export const linkHolders: Access = { to: ['link'] }
export const everyToken: Access = { to: ['delegate', 'client', 'operator', 'link'] }

export function admit(access: Access, caller: Caller): void {
  if (caller.kind === 'anonymous' && !access.to.includes('anonymous')) throw unauthenticated()
  if (!access.to.includes(caller.kind)) throw forbidden(wrongKind(access))
  if (!access.scope || !('scopes' in caller)) return
  if (!caller.scopes.includes(access.scope)) {
    throw forbidden(`Your token lacks the scope ${access.scope}. Use a token that has it.`)
  }
}

function wrongKind({ to }: Access): string {
  const fitting = Object.entries(tokenNames).filter(([kind]) => to.includes(kind as CallerKind))
  return `This kind of token is not accepted here. Send ${fitting.map(([, name]) => name).join(', or ')}.`
}

/** What people call their credential. */
const tokenNames: Readonly<Partial<Record<CallerKind, string>>> = {
  delegate: 'the token of a delegate (an enrolment link gives you one)',
  client: 'the token of an API client (a secretary issues one)',
  operator: 'the token of the operator',
  link: 'the secret of an offer link',
}

export const mandatesOf = (caller: Caller): readonly LiveMandate[] =>
  'mandates' in caller ? caller.mandates : []

/** The mandate by which the caller may do this for the organisation, if any. */
export function mandateFor(caller: Caller, organisationId: string, power: Power): LiveMandate | undefined {
  return mandatesOf(caller).find((m) => m.organisationId === organisationId && m.powers.includes(power))
}

export const administeredBy = (caller: Caller): string[] => [
  ...new Set(
    mandatesOf(caller)
      .filter((mandate) => mandate.powers.includes('administer'))
      .map((mandate) => mandate.organisationId),
  ),
]

/** Whether the caller belongs to the organisation, with any power. */
export const belongsTo = (caller: Caller, organisationId: string): boolean =>
  mandatesOf(caller).some((m) => m.organisationId === organisationId)

/** The organisations for which the caller may read. The holder of a link reads as the invited party. */
export const organisationsOf = (caller: Caller): string[] =>
  caller.kind === 'link'
    ? [caller.organisationId]
    : [...new Set(mandatesOf(caller).map((m) => m.organisationId))]

/** A coordinator's mandates: with the power to vouch, in a verified coordination. */
export const coordinatorMandates = (caller: Caller): LiveMandate[] =>
  mandatesOf(caller).filter(
    (m) =>
      m.powers.includes('vouch') &&
      m.organisationKind === 'coordination' &&
      m.organisationStatus === 'verified',
  )

/** Prefers one of another coordination than the one that approved first. */
export function coordinatorMandate(caller: Caller, approvedById?: string | null): LiveMandate | undefined {
  const held = coordinatorMandates(caller)
  return held.find((m) => m.organisationId !== approvedById) ?? held[0]
}

/** Whether an organisation of the caller was verified: its people may see organisations that are not public. */
export const isInNetwork = (caller: Caller): boolean =>
  mandatesOf(caller).some((mandate) => mandate.organisationStatus === 'verified' && !mandate.sealed)

/** Whether any organisation is sealed for the caller to ask about; few callers need to ask. */
export const mayMeetSeals = (caller: Caller): boolean =>
  'sealedOrganisations' in caller && caller.sealedOrganisations.size > 0

/** Whether one of them is sealed and not the caller's own, so that everything it takes part in is hidden. */
export function isHiddenBySeal(caller: Caller, ...organisationIds: readonly string[]): boolean {
  if (!('sealedOrganisations' in caller)) return false
  const { sealedOrganisations } = caller
  return organisationIds.some((id) => sealedOrganisations.has(id) && !organisationsOf(caller).includes(id))
}

/** The actor for the ledger: the delegate, whatever the token, else the token or the link. */
export function actorIdOf(caller: Caller): string | null {
  if (caller.kind === 'delegate') return caller.delegateId
  if (caller.kind === 'link') return caller.linkId
  if (caller.kind === 'client' || caller.kind === 'operator') return caller.tokenId
  return null
}

/** `lasting`: the part that is the same in all requests of this caller, and is in no dump of the database. */
export type Identified = { readonly caller: Caller; readonly lasting: string }

/** Finds the holder of a bearer secret. Features that keep tokens and links supply it to `buildApp`. */
export type Identify = (secret: string, request: FastifyRequest) => Promise<Identified | undefined>

/**
 * What identifies a caller. A token or a link is one secret. An account of the identity provider brings a new access
 * token (`exact`) every few minutes and stays the same caller (`lasting`).
 */
export type Credential = { readonly lasting: string; readonly exact: string }
export const noCredential: Credential = { lasting: 'anonymous', exact: 'anonymous' }

/** One of our secrets, or a signed token of an identity provider. */
const bearer = /^Bearer +([A-Za-z0-9_-]{20,100}|[\w-]+\.[\w-]+\.[\w-]+)$/i

type Recognised = { caller: Caller; credential: Credential }

export async function callerOf(request: FastifyRequest, identify: Identify): Promise<Recognised> {
  const header = request.headers.authorization
  if (header === undefined) return { caller: { kind: 'anonymous' }, credential: noCredential }
  if (isSentTwice(request)) throw invalid(undefined, { errors: [twoTokens] })
  if (!/^Bearer ./i.test(header)) throw unauthenticated(notBearer)
  const secret = bearer.exec(header)?.[1]
  const identified = secret && (await identify(secret, request))
  if (!identified) throw unauthenticated('The token is unknown, expired or revoked. Get a new one.')
  return { caller: identified.caller, credential: { lasting: identified.lasting, exact: secret } }
}

const notBearer =
  'The Authorization header contains no bearer token. Send "Authorization: Bearer <token>" with your token, or leave the header out if the operation needs no token.'

const twoTokens: Fault = {
  header: 'Authorization',
  code: 'duplicate_header',
  detail: 'must be sent only once, because it is unclear which one is valid',
}

/** Node keeps the first and ignores the second; a proxy may have checked the second. */
const isSentTwice = ({ raw }: FastifyRequest): boolean =>
  raw.rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'authorization').length > 1
