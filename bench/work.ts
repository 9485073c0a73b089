/** The measured work: real requests on thousands of rows, with the expected answer and the required minimum. */
import { randomBytes, randomUUID } from 'node:crypto'
import type pg from 'pg'
import { busyNumbers, secretOf } from './database.ts'

export type Request = { method: 'GET' | 'POST'; path: string; headers: Record<string, string>; body?: string }

export type WorkItem = {
  name: string
  /** The required share of the hello-world's requests per second; null if none is set. */
  floor: number | null
  /** The required share of the limit's; null if none is set. Left out if the limit does not answer this item. */
  shareOfLimit?: number | null
  /** Another item of this run to compare with, instead of the hello-world. */
  comparedWith?: string
  /** Sent to the service without row level security. */
  unguarded?: true
  /** In any order. Creating requests are made anew for each round, and none is sent twice. */
  requests(): Promise<Request[]>
  /** Returns what is wrong with an answer, or nothing. */
  fault(status: number, body: unknown): string | undefined
}

/** Sends one request to the service during preparation. */
export type Ask = (request: Request) => Promise<{ status: number; headers: Headers; body: unknown }>

const rows = 4000
const pageLimit = 50
const deepRow = 50_000
const deepPages = 40
const registrationsMost = 25_000
const rangeDays = 360

export const firstPage = 'first page of all organisations'

/** One read with and without row level security; the minimum is a share of the read without. */
function guardedAndNot(name: string, requests: WorkItem['requests'], fault: WorkItem['fault']): WorkItem[] {
  const without = `${name}, without row level security`
  return [
    { name: without, floor: null, unguarded: true, requests, fault },
    { name: `${name}, through row level security`, floor: 0.85, comparedWith: without, requests, fault },
  ]
}

export function workOn(client: pg.Client, ask: Ask): WorkItem[] {
  const readings = once(() => readingsOfOrganisations(client))
  const byToken = once(async () => (await readings()).map(({ path }, i) => reading(path, at(busyNumbers, i))))
  const pacts = once(() => readingsOfPacts(client))
  return [
    {
      name: 'organisation by id, anonymous',
      floor: 0.35,
      shareOfLimit: 0.8,
      requests: readings,
      fault: anOrganisation,
    },
    {
      name: 'organisation by id, with a token',
      floor: 0.2,
      shareOfLimit: 0.5,
      requests: byToken,
      fault: anOrganisation,
    },
    {
      name: '50 organisations of a country, newest first',
      floor: 0.08,
      shareOfLimit: 0.75,
      requests: once(() => readingsOfCountries(client)),
      fault: aFullPage,
    },
    {
      name: 'pact with parties and current proposal, with a token',
      floor: 0.13,
      shareOfLimit: 0.5,
      requests: pacts,
      fault: aPact,
    },
    ...guardedAndNot('organisation by id with a token', byToken, anOrganisation),
    ...guardedAndNot('pact with a token', pacts, aPact),
    {
      name: 'register an organisation',
      floor: 0.025,
      shareOfLimit: 0.4,
      requests: () => registrations(client),
      fault: aRegistration,
    },
    {
      name: '50 visits in a date range, with a token',
      floor: 0.06,
      shareOfLimit: 0.6,
      requests: once(() => readingsOfVisits(client)),
      fault: aFullPage,
    },
    {
      name: firstPage,
      floor: null,
      shareOfLimit: null,
      requests: async () => [reading(`/v1/organisations?limit=${pageLimit}`)],
      fault: aFullPage,
    },
    {
      name: 'page at row 50,000',
      floor: 0.9,
      shareOfLimit: null,
      comparedWith: firstPage,
      requests: once(() => deepReadings(ask)),
      fault: aFullPage,
    },
    {
      name: 'organisation unchanged (304 by If-None-Match)',
      floor: 0.35,
      shareOfLimit: 0.8,
      requests: once(async () => Promise.all((await readings()).map((request) => withEtag(request, ask)))),
      fault: (status) => (status === 304 ? undefined : `status ${status}`),
    },
  ]
}

const reading = (path: string, tokenOf?: number): Request => ({
  method: 'GET',
  path,
  headers: tokenOf === undefined ? {} : { authorization: `Bearer ${secretOf(tokenOf)}` },
})

async function readingsOfOrganisations(client: pg.Client): Promise<Request[]> {
  const verified = `select id as value from organisations where status = 'verified' order by random() limit ${rows}`
  return (await column(client, verified)).map((id) => reading(`/v1/organisations/${id}`))
}

async function readingsOfCountries(client: pg.Client): Promise<Request[]> {
  const countries = await countriesOf(client)
  return countries.map((country) => reading(`/v1/organisations?country=${country}&limit=${pageLimit}`))
}

const countriesOf = (client: pg.Client): Promise<string[]> =>
  column(client, 'select distinct country as value from organisations')

/**
 * Each is read with the token of one of its parties. Parties that declined are left out: they see the pact as it was
 * then, and the limit does not compute that.
 */
async function readingsOfPacts(client: pg.Client): Promise<Request[]> {
  const found = await client.query<{ pactId: string; number: number }>(
    `select pact_id as "pactId", substr(display_name, 10)::int as number
     from pact_parties join delegates using (organisation_id) join pacts on pacts.id = pact_id
     where proposal_id is not null and standing <> 'declined' order by random() limit ${rows}`,
  )
  return found.rows.map(({ pactId, number }) => reading(`/v1/pacts/${pactId}`, number))
}

/** Several ranges of twelve months for each busy organisation, each with more than a hundred visits. */
async function readingsOfVisits(client: pg.Client): Promise<Request[]> {
  const found = await client.query<{ organisationId: string; number: number; from: string; to: string }>(
    `select organisation_id as "organisationId", substr(display_name, 10)::int as number,
       to_char(first, 'YYYY-MM-DD"T"00:00:00"Z"') as from,
       to_char(first + interval '${rangeDays} days', 'YYYY-MM-DD"T"00:00:00"Z"') as to
     from delegates, generate_series(0, 3) turn,
       lateral (select (select min(span_starts_at) from visits) + (turn * 60 + 20) * interval '1 day' as first) range
     where display_name = any($1) order by random()`,
    [busyNumbers.map((number) => `Delegate ${number}`)],
  )
  return found.rows.map(({ organisationId, number, from, to }) =>
    reading(`/v1/visits?organisationId=${organisationId}&from=${from}&to=${to}&limit=${pageLimit}`, number),
  )
}

/** Follows the pages of the list as a client does, to the pages around row 50,000. */
async function deepReadings(ask: Ask): Promise<Request[]> {
  const readings: Request[] = []
  let cursor: string | null = null
  for (let row = 0; readings.length < deepPages; row += 100) {
    const position: string = cursor === null ? '' : `&cursor=${cursor}`
    if (row >= deepRow) readings.push(reading(`/v1/organisations?limit=${pageLimit}${position}`))
    const { body } = await ask(reading(`/v1/organisations?limit=100${position}`))
    cursor = (body as { nextCursor: string | null }).nextCursor
    if (cursor === null) throw new Error(`The list ends at row ${row}; run npm run bench:seed first.`)
  }
  return readings
}

async function withEtag(request: Request, ask: Ask): Promise<Request> {
  const { headers } = await ask(request)
  return { ...request, headers: { ...request.headers, 'if-none-match': headers.get('etag') ?? '' } }
}

const trades = ['Miners', 'Teachers', 'Dockers', 'Nurses', 'Welders', 'Weavers', 'Bakers', 'Printers']

/** Each has a unique name and a new Idempotency-Key, so no answer is a replay. */
async function registrations(client: pg.Client): Promise<Request[]> {
  const countries = await countriesOf(client)
  return Array.from({ length: registrationsMost }, (_, i) => ({
    method: 'POST',
    path: '/v1/organisations',
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify({
      kind: 'union',
      name: `${at(trades, i)} of ${randomName()}`,
      nameVariants: [`Профсоюз ${randomName()}`],
      country: at(countries, i),
      languages: ['en', 'ru'],
      industries: ['2821'],
      about: 'We organise all shifts and help whoever strikes.',
      memberCount: 250,
      secretary: { displayName: 'Vesna', pseudonym: true },
    }),
  }))
}

/** A word of twelve letters that is unique to an organisation. */
const randomName = (): string =>
  Array.from(randomBytes(12), (byte) => String.fromCharCode(97 + (byte % 26))).join('')

type Body = { version?: unknown; data?: unknown[]; parties?: unknown[]; proposal?: object; token?: object }

function anOrganisation(status: number, body: unknown): string | undefined {
  if (status !== 200) return `status ${status}`
  return typeof (body as Body).version === 'number' ? undefined : 'no organisation'
}

function aFullPage(status: number, body: unknown): string | undefined {
  if (status !== 200) return `status ${status}`
  const found = (body as Body).data?.length
  return found === pageLimit ? undefined : `${found} rows instead of ${pageLimit}`
}

function aPact(status: number, body: unknown): string | undefined {
  if (status !== 200) return `status ${status}`
  const { parties, proposal } = body as Body
  return parties && parties.length >= 2 && proposal ? undefined : 'no parties or no proposal'
}

function aRegistration(status: number, body: unknown): string | undefined {
  if (status !== 201) return `status ${status}`
  return (body as Body).token ? undefined : 'no token'
}

async function column(client: pg.Client, statement: string): Promise<string[]> {
  const found = await client.query<{ value: string }>(statement)
  return found.rows.map((row) => row.value)
}

function at<T>(list: readonly T[], i: number): T {
  return list[i % list.length] as T
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
