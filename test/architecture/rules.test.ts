import t from 'tap'
import { upwardImports, withoutLayer } from './layers.ts'
import { foreignTables, ownersOfTables } from './sql.ts'

t.test('an import from a lower folder of the platform to a higher one is found', async (t) => {
  const file = (name: string, ...imports: string[]) => ({ name, imports })

  t.same(
    upwardImports([
      file('platform/wire/cursors.ts', 'platform/http/responses.ts', 'platform/problems.ts'),
      file('platform/http/responses.ts', 'platform/wire/cursors.ts', 'platform/http/plugin.ts', 'zod'),
      file('platform/problems.ts', 'platform/wire/cursors.ts'),
      file('platform/start/migrate.ts', 'platform/feature.ts'),
      file('platform/feature.ts', 'platform/vault/vault.ts', 'platform/ids.ts'),
    ]),
    [
      'platform/wire/cursors.ts uses platform/http/responses.ts',
      'platform/problems.ts uses platform/wire/cursors.ts',
      'platform/start/migrate.ts uses platform/feature.ts',
    ],
  )
  t.same(withoutLayer([file('platform/new/thing.ts'), file('pacts/actions.ts')]), ['platform/new/thing.ts'])
})

t.test('a table of another feature is found in every form that SQL is written in', async (t) => {
  const tables = [
    { name: 'organisations/tables.ts', text: "export const organisations = pgTable('organisations', {})" },
    { name: 'pacts/tables.ts', text: "export const pacts = pgTable('pacts', {})" },
    { name: 'platform/ledger/ledger.ts', text: "export const ledger = pgTable('ledger', {})" },
  ]
  const found = (name: string, text: string) =>
    foreignTables([{ name, text }], ownersOfTables(tables), ['platform', 'organisations', 'pacts'])

  for (const [name, text] of [
    ['platform/a.ts', 'sql`select 1 from ledger, pacts p where p.id = ${id}`'],
    ['platform/a.ts', 'sql<Row>`update "pacts" set title = null`'],
    ['platform/a.ts', 'sql`exists (select from ${own} join public.pacts on true)`'],
    ['platform/a.ts', 'sql`pacts.status is null`'],
    ['platform/a.ts', "client.query('delete from pacts where true')"],
    ['platform/a.ts', 'client.query(`grant select on pacts to ${role}`)'],
    ['platform/a.ts', 'client.query("select to_regclass(\'public.pacts\')")'],
    ['organisations/a.ts', 'sql`${sql`lock pacts`}`'],
    ['organisations/policies.sql', 'create policy mine on organisations using (exists (select from pacts));'],
    ['platform/ledger/policies.sql', 'create trigger keep before update on pacts execute function keep();'],
  ] as const)
    t.same(found(name, text), [`${name}: pacts`], text)
})

t.test('SQL may name its own tables, the platform’s, and in a .sql file those to the left', async (t) => {
  const tables = [
    { name: 'organisations/tables.ts', text: "export const organisations = pgTable('organisations', {})" },
    { name: 'pacts/tables.ts', text: "export const pacts = pgTable('pacts', {})" },
    { name: 'platform/ledger/ledger.ts', text: "export const ledger = pgTable('ledger', {})" },
  ]
  const found = (name: string, text: string) =>
    foreignTables([{ name, text }], ownersOfTables(tables), ['platform', 'organisations', 'pacts'])

  for (const [name, text] of [
    ['pacts/a.ts', 'sql`select 1 from pacts join ledger on true join ${organisations} o on true`'],
    [
      'pacts/policies.sql',
      '-- from visits\ncreate policy p on pacts using (exists (select from organisations));',
    ],
    ['organisations/a.ts', "const advice = 'Read what stands on pacts, or select pacts of your own.'"],
    ['organisations/a.ts', '// sql`select from pacts`'],
  ] as const)
    t.same(found(name, text), [], text)
  t.same(
    found('pacts/a.ts', 'sql`select from organisations`'),
    ['pacts/a.ts: organisations'],
    'TypeScript interpolates the table that it imports',
  )
})
