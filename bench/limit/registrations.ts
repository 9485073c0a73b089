/** What registering writes, row for row, in one transaction that leaves in one write; nothing is looked up or checked. */
import { createHash } from 'node:crypto'
import { powersOfOffice } from '../../src/delegates/mandates/lifecycle.ts'
import { tokenDaysDefault } from '../../src/delegates/tokens/issuance.ts'
import '../../src/features.ts'
import { vouchDays } from '../../src/organisations/actions.ts'
import { stepToVerification } from '../../src/organisations/next-steps/actions.ts'
import { skeletonColumns } from '../../src/organisations/possible-duplicates/queries.ts'
import type { RegisterOrganisation } from '../../src/organisations/schemas.ts'
import { allScopes } from '../../src/platform/access.ts'
import { dateOf, daysAfter, hoursAfter } from '../../src/platform/clock.ts'
import { randomId, timeOrderedId } from '../../src/platform/ids.ts'
import { mintSecret } from '../../src/platform/secrets.ts'
import type { Client } from './client.ts'
import { newOrganisation } from './organisations.ts'

const begin = { name: 'begin', text: 'begin' }
const commit = { name: 'commit', text: 'commit' }

const inserting = (table: string, columns: string, rows = 1) => {
  const count = columns.split(',').length
  const row = (n: number) => `(${Array.from({ length: count }, (_, i) => `$${n * count + i + 1}`).join()})`
  const text = `insert into ${table} (${columns}) values ${Array.from({ length: rows }, (_, n) => row(n)).join()}`
  return { name: `insert_${table}`, text }
}

const intoOrganisations = inserting(
  'organisations',
  `id, created_at, updated_at, status, vouch_by, kind, name, name_variants, country, languages, industries, about,
  member_count, skeletons, skeletons_version`,
)
const intoDelegates = inserting(
  'delegates',
  'id, created_at, updated_at, display_name, pseudonym, languages, organisation_id',
)
const intoMandates = inserting(
  'mandates',
  'id, created_at, updated_at, status, delegate_id, organisation_id, office, powers, starts_on',
)
const intoTokens = inserting(
  'tokens',
  'hash, id, kind, delegate_id, origin, label, scopes, created_at, expires_at, used_on',
)
const intoLedger = inserting(
  'ledger',
  'id, at, type, object, subject_id, subject_version, organisation_id, actor_kind, mandate_id, request_id, details',
  4,
)
const intoKeys = inserting('idempotency_keys', 'hash, fingerprint, answer, expires_at')

type Request = { body: string; key: string; requestId: string }

export async function register(client: Client, { body, key, requestId }: Request) {
  const input = JSON.parse(body) as RegisterOrganisation
  const now = new Date().toISOString()
  const ids = {
    organisation: timeOrderedId(),
    delegate: randomId(),
    mandate: timeOrderedId(),
    token: randomId(),
  }
  const { secret, hash } = mintSecret('token')
  const scopes = [...allScopes()]
  const expiresAt = daysAfter(now, tokenDaysDefault)
  const vouchBy = daysAfter(now, vouchDays)
  const answer = written(input, ids, { now, vouchBy, expiresAt, secret, scopes })

  const entry = (type: string, subjectId: string, mandateId: string | null, details: object) => [
    timeOrderedId(),
    now,
    type,
    type.split('.')[0],
    subjectId,
    1,
    ids.organisation,
    'anonymous',
    mandateId,
    requestId,
    details,
  ]
  const { skeletons, skeletonsVersion } = skeletonColumns(input)
  await Promise.all([
    client.query(begin),
    client.query(intoOrganisations, [
      ids.organisation,
      now,
      now,
      'provisional',
      vouchBy,
      input.kind,
      input.name,
      input.nameVariants,
      input.country,
      input.languages,
      input.industries,
      input.about,
      input.memberCount,
      skeletons,
      skeletonsVersion,
    ]),
    client.query(intoDelegates, [
      ids.delegate,
      now,
      now,
      input.secretary.displayName,
      input.secretary.pseudonym,
      [],
      ids.organisation,
    ]),
    client.query(intoMandates, [
      ids.mandate,
      now,
      now,
      'active',
      ids.delegate,
      ids.organisation,
      'secretary',
      powersOfOffice.secretary,
      dateOf(now),
    ]),
    client.query(intoTokens, [
      hash,
      ids.token,
      'delegate',
      ids.delegate,
      'registration',
      'first token',
      scopes,
      now,
      expiresAt,
      dateOf(now),
    ]),
    client.query(intoLedger, [
      ...entry('organisation.registered', ids.organisation, null, {}),
      ...entry('delegate.created', ids.delegate, ids.mandate, {}),
      ...entry('mandate.activated', ids.mandate, ids.mandate, {
        delegateId: ids.delegate,
        office: 'secretary',
      }),
      ...entry('token.minted', ids.token, ids.mandate, { kind: 'delegate', scopes }),
    ]),
    client.query(intoKeys, [sha256(key), sha256(body), Buffer.from(answer), hoursAfter(now, 24)]),
    client.query(commit),
  ])
  return { body: answer, location: `/v1/organisations/${ids.organisation}` }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

type Ids = { organisation: string; delegate: string; mandate: string }
type Issued = { now: string; vouchBy: string; expiresAt: string; secret: string; scopes: readonly string[] }

function written(input: RegisterOrganisation, ids: Ids, { now, vouchBy, expiresAt, secret, scopes }: Issued) {
  const organisation = newOrganisation(input, { id: ids.organisation, now, vouchBy })
  const { name, kind } = input
  const { code, detail, url } = stepToVerification({ name, kind, vouchBy, coordinationId: null })
  return `{"organisation":${organisation},${JSON.stringify({
    secretary: { id: ids.delegate, name: input.secretary.displayName, url: `/v1/delegates/${ids.delegate}` },
    mandate: { id: ids.mandate, url: `/v1/mandates/${ids.mandate}` },
    token: { secret, expiresAt, scopes },
    next: { code, detail, url },
    possibleDuplicates: [],
  }).slice(1)}`
}
