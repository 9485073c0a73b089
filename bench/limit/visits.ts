import { spanDaysMax } from '../../src/visits/windows.ts'
import type { Client, Statement } from './client.ts'
import { instant, link, plain, reference, text, texts } from './json.ts'
import { visitMoves } from './moves.ts'
import { cursorOf, type Listed, type Page } from './pages.ts'

const inRange = `span_starts_at < $3::timestamptz and span_ends_at > $2::timestamptz
  and span_starts_at > $2::timestamptz - interval '${spanDaysMax} days'`
const first = 'order by span_starts_at, id limit $4'

type Row = [
  ...[id: string, version: string, createdAt: string, updatedAt: string, status: string, pactId: string],
  ...[title: string, hostId: string, host: string, visitorId: string, visitor: string, offeredBy: string],
  ...[purpose: string, mode: string, place: string | null, country: string | null, timeZone: string],
  ...[windows: string, windowId: string | null, confirmedBy: string, reportedBy: string, needs: string],
  ...[returnsId: string | null, spanStartsAt: string],
]

/** The first as host and the first as visitor; names only for those of the page. */
const ofOrganisation: Statement<Row> = {
  name: 'visits',
  text: `select v.id, v.version, v.created_at, v.updated_at, v.status, v.pact_id, p.title, v.host_id, host.name,
      v.visitor_id, visitor.name, v.offered_by, v.purpose, v.mode, v.place, v.country, v.time_zone, v.windows,
      v.window_id, v.confirmed_by, v.reported_by, v.needs, v.returns_visit_id, v.span_starts_at
    from (
      (select * from visits where host_id = $1 and ${inRange} ${first})
      union all
      (select * from visits where visitor_id = $1 and host_id <> $1 and ${inRange} ${first})
      ${first}
    ) v
    join pacts p on p.id = v.pact_id
    join organisations host on host.id = v.host_id
    join organisations visitor on visitor.id = v.visitor_id
    order by v.span_starts_at, v.id`,
}

export async function visits(client: Client, { query, limit }: Listed): Promise<Page> {
  const own = query['organisationId'] as string
  const rows = await client.query(ofOrganisation, [own, query['from'], query['to'], limit + 1])
  return {
    items: rows.slice(0, limit).map((row) => written(row, own)),
    cursor: cursorOf(rows, limit, (row) => ({ id: row[0], at: row[23] })),
  }
}

type Ends = { startsAt: string; endsAt: string; startsAtLocal: string; endsAtLocal: string }
type Window = Ends & { id: string }

function written(row: Row, own: string): string {
  const [
    id,
    version,
    createdAt,
    updatedAt,
    status,
    pactId,
    title,
    hostId,
    host,
    visitorId,
    visitor,
    ...more
  ] = row
  const [offeredBy, purpose, mode, place, country, timeZone, windowsJson, windowId, ...last] = more
  const [confirmed, reported, needs, returnsId] = last
  const windows = JSON.parse(windowsJson) as Window[]
  const [confirmedBy, reportedBy] = [texts(confirmed), texts(reported)]
  const state = { status, offeredBy, confirmedBy, reportedBy }
  const chosen = windows.find((window) => window.id === windowId)
  const ends = chosen
    ? endsOf(chosen)
    : '"startsAt":null,"endsAt":null,"startsAtLocal":null,"endsAtLocal":null'
  return `{"id":"${id}","version":${version},"createdAt":${instant(createdAt)},"updatedAt":${instant(updatedAt)},"url":"/v1/visits/${id}","status":"${status}","allowedMoves":${visitMoves(own === hostId, state)},"pact":${reference('pacts', pactId, title)},"host":${reference('organisations', hostId, host)},"visitor":${reference('organisations', visitorId, visitor)},"offeredBy":"${offeredBy}","purpose":${text(purpose)},"mode":"${mode}","place":${text(place)},"country":${plain(country)},"timeZone":"${timeZone}","windows":[${windows.map(windowOf).join(',')}],"windowId":${plain(windowId)},${ends},"confirmedBy":${confirmedBy},"reportedBy":${reportedBy},"needs":${needsOf(needs)},"returns":${link('visits', returnsId)}}`
}

const windowOf = (window: Window): string => `{"id":"${window.id}",${endsOf(window)}}`

const endsOf = ({ startsAt, endsAt, startsAtLocal, endsAtLocal }: Ends): string =>
  `"startsAt":"${startsAt}","endsAt":"${endsAt}","startsAtLocal":"${startsAtLocal}","endsAtLocal":"${endsAtLocal}"`

type Needs = { interpreterLanguages: string[]; visa: boolean; lodging: boolean; accessibility: string | null }

function needsOf(json: string): string {
  const { interpreterLanguages, visa, lodging, accessibility } = JSON.parse(json) as Needs
  return `{"interpreterLanguages":${JSON.stringify(interpreterLanguages)},"visa":${visa},"lodging":${lodging},"accessibility":${text(accessibility)}}`
}
