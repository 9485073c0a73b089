import t from 'tap'
import { jobs } from '../src/jobs.ts'
import { elevated } from './fixtures/second-factor.ts'
import { openCoordination, seat, verifiedUnion, type Union } from './fixtures/unions.ts'
import { visitWorld, type VisitWorld } from './fixtures/visits.ts'
import { dayAfter, done, instantAfter, offerLink, pactIn } from './fixtures/world.ts'

/** Entries that tell of a row without a change of it. */
const reminders = ['proposal.answer_due']

t.test(
  'every version of every row has exactly one entry in the ledger, which names an organisation',
  async (t) => {
    const here = await visitWorld(t)
    const { $client } = here.database.read
    await everybodyActs(here)

    const { rows } = await $client.query(
      `select table_name as name from information_schema.columns
     where table_schema = 'public' and column_name = 'version' order by table_name`,
    )
    const tables = (rows as { name: string }[]).map(({ name }) => name)

    t.ok(tables.length >= 8, tables.join(', '))
    for (const table of tables) {
      const kept = await $client.query(
        `select id, version, array(
         select subject_version from ledger
         where subject_id = kept.id and type <> all ($1) order by position) as told
       from ${table} kept order by version desc`,
        [reminders],
      )
      const versions = kept.rows as { id: string; version: number; told: number[] }[]
      t.ok((versions[0]?.version ?? 0) > 1, `${table} has seen changes`)
      for (const { id, version, told } of versions) t.same(told, upTo(version), `${table} ${id}`)
    }
    const { rows: nameless } = await $client.query(
      `select distinct type from ledger
       where organisation_id is null and actor_kind in ('delegate', 'client', 'link', 'anonymous')`,
    )
    t.same(
      nameless,
      [{ type: 'token.minted' }],
      'only for a device of one’s own does a person act for nobody',
    )
  },
)

const upTo = (version: number) => Array.from({ length: version }, (_, index) => index + 1)

/** Each kind of row is made and changed in every way that has a statement of its own. */
async function everybodyActs(here: VisitWorld): Promise<void> {
  await organisationsAct(here)
  await delegatesAct(here)
  await privatelyAct(here)
  await recoveryIsGranted(here)
  for (const status of ['declined', 'cancelled', 'rescheduling', 'reported'] as const)
    await here.visitIn(status)
  // At last, for its clock runs until the pact of the visits is over too.
  await partiesAct(here)
}

/** What is private is written, written anew, and kept. */
async function privatelyAct({ house, ask, host, guest, visitIn, coordinator }: VisitWorld): Promise<void> {
  for (const person of [guest, host]) await elevated(house, person)
  const visitId = await visitIn('accepted')
  const { first: other } = await openCoordination(house, { name: 'Third coordination' })
  for (const person of [coordinator, other]) await elevated(house, person)
  const asking = { delegateId: guest.delegateId, reason: 'Arrested.' }
  const asked = done(await ask('POST', '/v1/disclosures', { token: coordinator.token, body: asking }))
  done(await ask('POST', `${asked.data['url']}/grants`, { token: other.token }))
  done(await ask('DELETE', asked.data['url'], { token: other.token }))
  const arrival = { startsAt: instantAfter(house, 40), endsAt: instantAfter(house, 41) }
  // Written anew with other content: what changes nothing keeps its version and has no entry.
  for (const [legalName, channels, items] of [
    ['Vesna', [], []],
    [
      'Vesna Example',
      [{ kind: 'email', address: 'a@union.example' }],
      [{ ...arrival, place: 'A', activity: 'B' }],
    ],
  ] as const) {
    for (const [by, path, body] of [
      [guest, `/v1/delegates/${guest.delegateId}/identity`, { legalName }],
      [host, `${host.url}/contact-channels`, { channels }],
      [host, `/v1/visits/${visitId}/itinerary`, { items }],
    ] as const)
      done(await ask('PUT', path, { token: by.token, body }))
  }
}

async function organisationsAct({ house, ask, askFresh, coordinator }: VisitWorld): Promise<void> {
  const shop = await verifiedUnion(house, coordinator, { kind: 'works_council', name: 'Paint shop' })
  const works = await verifiedUnion(house, coordinator, { name: 'Works' })
  const federation = await verifiedUnion(house, coordinator, { kind: 'federation', name: 'Federation' })
  const worksite = done(
    await ask('POST', `${shop.url}/worksites`, {
      token: shop.token,
      body: { employer: 'MTZ', place: 'Minsk', country: 'BY', industry: '2821' },
    }),
  ).data
  done(await askFresh('PATCH', worksite.url, { token: shop.token, body: { place: 'Minsk, Partyzanski' } }))
  done(await askFresh('PATCH', shop.url, { token: shop.token, body: { about: 'All shifts.' } }))
  const joined = done(
    await ask('POST', `${shop.url}/affiliations`, { token: shop.token, body: { parentId: works.id } }),
  ).data
  for (const [name, by] of [
    ['confirm', works],
    ['end', shop],
  ] as const) {
    done(await askFresh('POST', `${joined.url}/transitions`, { token: by.token, body: { move: name } }))
  }
  const merge = async (from: Union, into: Union) => {
    for (const { token } of [from, into, coordinator])
      done(await askFresh('POST', `${from.url}/mergers`, { token, body: { intoId: into.id } }))
  }
  await merge(shop, works)
  await merge(works, federation)
  const seal = `${federation.url}/seal`
  done(await ask('PUT', seal, { token: federation.token }))
  for (const { token } of [federation, coordinator]) done(await ask('POST', `${seal}/liftings`, { token }))
}

/** The secretary of the union lost their token, and takes another. */
async function recoveryIsGranted({ house, ask, coordinator, stranger }: VisitWorld): Promise<void> {
  const { first: other } = await openCoordination(house, { name: 'Third coordination' })
  for (const person of [coordinator, other]) await elevated(house, person)
  const lost = { organisationId: stranger.id, secretary: 'Secretary', reason: 'Lost at the border.' }
  const { url } = done(await ask('POST', '/v1/recoveries', { token: coordinator.token, body: lost })).data
  done(await ask('POST', `${url}/grants`, { token: other.token }))
  done(await ask('DELETE', url, { token: other.token }))
}

async function delegatesAct({
  house,
  ask,
  askFresh,
  union,
  coordinator,
  ...here
}: VisitWorld): Promise<void> {
  const other = await openCoordination(house, { name: 'Second coordination' })
  const chair = await seat(house, union, { office: 'chair', endsOn: dayAfter(house, 1) })
  const mara = await seat(house, union, { office: 'delegate' })
  const url = `/v1/delegates/${mara.delegateId}`
  done(await askFresh('PATCH', url, { token: union.token, body: { displayName: 'Mara' } }))
  done(
    await ask('POST', '/v1/tokens', {
      token: chair.token,
      body: { label: 'site', scopes: ['pacts:read'], organisationId: union.id },
    }),
  )
  const recalled = { token: union.token, body: { move: 'recall' } }
  done(await askFresh('POST', `/v1/mandates/${mara.mandateId}/transitions`, recalled))
  const today = house.now().toISOString()
  here.travelTo(instantAfter(house, 3))
  for (const job of jobs.filter(({ name }) => name === 'mandates.expire')) await here.run(job)
  here.travelTo(today)
  for (const name of ['suspend', 'reinstate']) {
    for (const { token } of [coordinator, other.first]) {
      done(await askFresh('POST', `${here.stranger.url}/transitions`, { token, body: { move: name } }))
    }
  }
}

async function partiesAct(here: VisitWorld): Promise<void> {
  for (const state of ['withdrawn', 'declined', 'lapsed', 'expired'] as const)
    await pactIn(here, state, { purpose: 'strike_support' })
  const offered = await pactIn(here, 'negotiating', { parties: [here.committee] })
  const { token } = await offerLink(here, offered)
  done(await here.ask('POST', '/v1/claims', { token, body: { secretary: { displayName: 'Vesna' } } }))
}
