/** 200 private values, looked for in everything that a thief could carry away; and found there when nothing encrypts them. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import t, { type Test } from 'tap'
import type { Cipher } from '../../../src/platform/vault/cipher.ts'
import { backUp } from '../../fixtures/backups.ts'
import { elevated } from '../../fixtures/second-factor.ts'
import { seat } from '../../fixtures/unions.ts'
import { visitWorld, type VisitWorld } from '../../fixtures/visits.ts'
import { done } from '../../fixtures/world.ts'

const people = 36
const fieldsOfPerson = 5
const channels = 10
const meetings = 10
const count = people * fieldsOfPerson + channels + meetings

/** What would be written without a vault. */
const plain: Cipher = { seal: (_key, text) => text, open: (_key, text) => text }

t.test(
  'nothing private is in a dump, the log of the writes, the data files, or what the service logs',
  async (t) => {
    const report = await lookEverywhere(t)

    t.equal(report.canaries.length, 200)
    t.equal(new Set(report.canaries).size, 200)
    for (const [place, { bytes, hits }] of report.places) {
      t.comment(`${place.padEnd(40)} ${String(bytes).padStart(10)} bytes ${hits} of ${count}`)
      t.ok(bytes > 0, `${place} was looked at`)
      t.equal(hits, 0, place)
    }
  },
)

t.test('without encryption the same search finds all of them', async (t) => {
  const report = await lookEverywhere(t, plain)

  const hitsIn = (place: string) => report.places.get(place)?.hits ?? 0
  for (const place of report.places.keys()) {
    if (hitsIn(place) > 0) t.comment(`${place.padEnd(40)} ${hitsIn(place)} of ${count}`)
  }
  t.equal(hitsIn('dump: public.identities'), people * fieldsOfPerson)
  t.equal(hitsIn('the data files'), count)
  // Its pages cut through a value now and then.
  t.ok(hitsIn('the write-ahead log') > 0.9 * count)
})

type Report = { canaries: readonly string[]; places: ReadonlyMap<string, { bytes: number; hits: number }> }

async function lookEverywhere(t: Test, cipher?: Cipher): Promise<Report> {
  const lines: string[] = []
  const house = await visitWorld(t, {
    log: { write: (line: string) => void lines.push(line) },
    ...(cipher && { cipher }),
  })
  const { owner, since } = await keepingLog(t, house.ownerUrl)
  const canaries = await writeAll(house)
  const hitsIn = searching(canaries)
  const places = new Map<string, { bytes: number; hits: number }>()
  const look = (place: string, content: Buffer) =>
    places.set(place, { bytes: content.length, hits: hitsIn(content) })
  for (const [table, rows] of await backUp(house.ownerUrl)) look(`dump: ${table}`, Buffer.from(rows))
  look("the service's log", Buffer.from(lines.join('')))
  for (const [place, content] of await filesOf(owner, since)) look(place, content)
  return { canaries, places }
}

/** Everywhere that takes something private, and then what leaves traces: changed, refused, repeated, removed. */
async function writeAll(house: VisitWorld): Promise<string[]> {
  const canaries: string[] = []
  const coin = <Text extends string>(text: Text): Text => {
    canaries.push(text)
    return text
  }
  const put = async (token: string, url: string, body: object) =>
    done(await house.ask('PUT', url, { token, body }))
  for (let i = 0; i < people; i++) {
    const { delegateId, token } = await elevated(
      house.house,
      await seat(house.house, house.visitor, { office: 'delegate' }),
    )
    const url = `/v1/delegates/${delegateId}/identity`
    const identity = {
      legalName: coin(`Name ${word()}`),
      phone: coin(`+375 ${digits()}`),
      email: coin(`${word()}@example.org`),
      messenger: coin(`Signal ${word()}`),
      travelDocument: { number: coin(`MP${digits()}`), country: 'BY' },
    }
    await put(token, url, identity)
    await put(token, url, identity)
    await house.ask('PUT', url, { token, body: { ...identity, unknown: identity.legalName } })
    await house.ask('GET', url, { token })
  }
  const { host } = house
  await put(host.token, `${host.url}/contact-channels`, {
    channels: Array.from({ length: channels }, () => ({ kind: 'post', address: coin(`Box ${word()}`) })),
  })
  await elevated(house.house, host)
  const visitId = await house.visitIn('accepted')
  const hours = { startsAt: '2020-11-06T08:00:00Z', endsAt: '2020-11-06T10:00:00Z' }
  await put(host.token, `/v1/visits/${visitId}/itinerary`, {
    items: Array.from({ length: meetings }, () => ({
      ...hours,
      place: coin(`Hall ${word()}`),
      activity: 'Meeting',
    })),
  })
  return canaries
}

const word = () => randomBytes(9).toString('hex')
const digits = () => String(randomBytes(5).readUIntBE(0, 5)).padStart(13, '7').slice(-13)

/** How many of them are in it: as they are, as hexadecimal digits, or as base64 at any offset. */
function searching(canaries: readonly string[]): (content: Buffer) => number {
  const guises = canaries.map((canary) => {
    const bytes = Buffer.from(canary)
    const shifted = [0, 1, 2].map((skip) =>
      bytes.subarray(skip, skip + 3 * Math.floor((bytes.length - skip) / 3)),
    )
    return [canary, bytes.toString('hex'), ...shifted.map((part) => part.toString('base64'))]
  })
  return (content) => guises.filter((forms) => forms.some((form) => content.includes(form))).length
}

/** What lies on the disk, read through the server by a superuser: the log of the writes, and the files of the tables. */
async function filesOf(owner: pg.Client, since: string): Promise<[string, Buffer][]> {
  const read = async (text: string, values: string[] = []) =>
    Buffer.concat((await owner.query<{ bytes: Buffer }>(text, values)).rows.map(({ bytes }) => bytes))
  const log = await read(
    `select pg_read_binary_file('pg_wal/' || name) as bytes from pg_ls_waldir()
     where name >= $1 and name <= pg_walfile_name(pg_current_wal_lsn()) and name ~ '^[0-9A-F]{24}$' order by name`,
    [since],
  )
  await owner.query('checkpoint')
  const tables = await read(
    `select pg_read_binary_file(pg_relation_filepath(oid)) as bytes from pg_class
     where relkind in ('r', 'i', 't') and relnamespace::regnamespace::text in ('public', 'pg_toast', 'jobs')`,
  )
  return [
    ['the write-ahead log', log],
    ['the data files', tables],
  ]
}

/** Connected as a superuser, while the server keeps the log of its writes for us. Returns with which file it begins. */
async function keepingLog(t: Test, ownerUrl: string): Promise<{ owner: pg.Client; since: string }> {
  const owner = new pg.Client({ connectionString: ownerUrl })
  await owner.connect()
  t.teardown(async () => {
    await owner.query('alter system reset wal_keep_size')
    await owner.query('select pg_reload_conf()')
    await owner.end()
  })
  await owner.query("alter system set wal_keep_size = '8GB'")
  await owner.query('select pg_reload_conf()')
  const { rows } = await owner.query<{ name: string }>('select pg_walfile_name(pg_current_wal_lsn()) as name')
  return { owner, since: rows[0]?.name ?? '' }
}
