import t from 'tap'
import { verifiedUnion } from './fixtures/unions.ts'
import { visitWorld, type VisitWorld } from './fixtures/visits.ts'
import { resources } from './resources/index.ts'

/** Entries about a row without a change of the row. */
const reminders = ['proposal.answer_due']

t.test(
  'every version of every row has exactly one entry in the ledger, which names an organisation',
  async (t) => {
    const here = await visitWorld(t)
    const { $client } = here.database.read
    await everybodyActs(here)

    const { rows } = await $client.query(
      `select table_name as name from information_schema.columns
     where table_schema = 'public' and column_name in ('id', 'version')
     group by table_name having count(*) = 2 order by table_name`,
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

/** Makes each kind of row, and changes it by every statement. */
async function everybodyActs(here: VisitWorld): Promise<void> {
  const { house, coordinator } = here
  const world = {
    ...here,
    shop: await verifiedUnion(house, coordinator, { kind: 'works_council', name: 'Paint shop' }),
    works: await verifiedUnion(house, coordinator, { name: 'Works' }),
    federation: await verifiedUnion(house, coordinator, { kind: 'federation', name: 'Federation' }),
  }
  for (const { change } of resources) await change?.(world)
  for (const { end } of resources) await end?.(world)
}
