import type { RegisterOrganisation } from '../../src/organisations/schemas.ts'
import type { Client, Statement } from './client.ts'
import { instant, link, plain, reference, text, texts } from './json.ts'
import { organisationMoves } from './moves.ts'
import { cursorOf, positionIn, type Listed, type Page } from './pages.ts'

const columns = `id, version, created_at, updated_at, status, kind, name, name_variants, abbreviation, country, region,
  languages, industries, website, about, member_count, external_ids, vouch_by, created_by_organisation_id, claimed_at,
  invited_by_id, vouching_coordination_id, pending, renaming, former_names, merged_into_id,
  (select s.name from organisations s where s.id = o.merged_into_id)`

type Row = [
  ...[id: string, version: string, createdAt: string, updatedAt: string, status: string, kind: string],
  ...[
    name: string,
    nameVariants: string,
    abbreviation: string | null,
    country: string,
    region: string | null,
  ],
  ...[languages: string, industries: string, website: string | null, about: string | null],
  ...[memberCount: string | null, externalIds: string, vouchBy: string | null, createdById: string | null],
  ...[claimedAt: string | null, invitedById: string | null, coordinationId: string | null],
  ...[pending: string | null, renaming: string | null, formerNames: string],
  ...[mergedIntoId: string | null, mergedIntoName: string | null],
]

const byId: Statement<Row> = {
  name: 'organisation',
  text: `select ${columns} from organisations o where id = $1`,
}

type Answer = { version: string; body: string }

export async function organisation(
  client: Client,
  id: string,
  own: string | undefined,
): Promise<Answer | undefined> {
  const [row] = await client.query(byId, [id])
  return row && { version: row[1], body: written(row, own) }
}

type Registered = { id: string; now: string; vouchBy: string }

/** What a registration answers: the row as its insert makes it. */
export function newOrganisation(input: RegisterOrganisation, { id, now, vouchBy }: Registered): string {
  const { kind, name, country, about, memberCount } = input
  const { nameVariants, languages, industries } = input
  const names = [name, arrayOf(nameVariants), null, country, null] as const
  const described = [arrayOf(languages), arrayOf(industries), null, about ?? null] as const
  const rest = [null, null, null, null, null, null, '{}', null, null] as const
  const first = [id, '1', now, now, 'provisional', kind] as const
  return written([...first, ...names, ...described, String(memberCount), '[]', vouchBy, ...rest], undefined)
}

const arrayOf = (texts: readonly string[] = []): string =>
  `{${texts.map((one) => JSON.stringify(one)).join()}}`

const list = (name: string, condition: string, limit: string): Statement<Row> => ({
  name,
  text: `select ${columns} from organisations o
    where status in ('verified', 'dissolved', 'merged') and sealed_at is null ${condition}
    order by created_at desc nulls last, id desc nulls last limit ${limit}`,
})
const firstPage = list('organisations', '', '$1')
const nextPage = list('organisations_after', 'and (created_at, id) < ($1::timestamptz, $2::uuid)', '$3')
const ofCountry = list('organisations_of_country', 'and country = $1', '$2')

export async function organisations(client: Client, { query, limit }: Listed): Promise<Page> {
  const { country, cursor } = query
  const [statement, values] =
    country !== undefined
      ? [ofCountry, [country]]
      : cursor === undefined
        ? [firstPage, []]
        : [nextPage, positionIn(cursor)]
  const rows = await client.query(statement, [...values, limit + 1])
  return {
    items: rows.slice(0, limit).map((row) => written(row, undefined)),
    cursor: cursorOf(rows, limit, ([id, , createdAt]) => ({ id, at: createdAt })),
  }
}

function written(row: Row, own: string | undefined): string {
  const [
    id,
    version,
    createdAt,
    updatedAt,
    status,
    kind,
    name,
    variants,
    abbreviation,
    country,
    region,
    ...more
  ] = row
  const [languages, industries, website, about, memberCount, externalIds, vouchBy, createdById, ...last] =
    more
  const [
    claimedAt,
    invitedById,
    coordinationId,
    pending,
    renaming,
    formerNames,
    mergedIntoId,
    mergedIntoName,
  ] = last
  const moves = organisationMoves(own === id, status, kind)
  return `{"id":"${id}","version":${version},"createdAt":${instant(createdAt)},"updatedAt":${instant(updatedAt)},"url":"/v1/organisations/${id}","status":"${status}","allowedMoves":${moves},"vouchBy":${instant(vouchBy)},"awaiting":${pending},"renaming":${renaming},"kind":"${kind}","name":${text(name)},"nameVariants":${texts(variants)},"abbreviation":${text(abbreviation)},"country":"${country}","region":${plain(region)},"languages":${texts(languages)},"industries":${texts(industries)},"website":${text(website)},"about":${text(about)},"memberCount":${memberCount},"externalIds":${identifiers(externalIds)},"mergedInto":${reference('organisations', mergedIntoId, mergedIntoName)},"formerNames":${texts(formerNames)},"madeKnownBy":${link('organisations', createdById)},"claimedAt":${instant(claimedAt)},"invitedBy":${link('organisations', invitedById)},"vouchingCoordination":${link('organisations', coordinationId)}}`
}

/** As JSON of PostgreSQL it has blanks, and its fields stand in another order. */
function identifiers(json: string): string {
  if (json === '[]') return json
  const list = JSON.parse(json) as { system: string; id: string }[]
  return JSON.stringify(list.map(({ system, id }) => ({ system, id })))
}
