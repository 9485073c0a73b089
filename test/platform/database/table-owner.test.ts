import { randomBytes } from 'node:crypto'
import pg from 'pg'
import t, { type Test } from 'tap'
import { publicTables } from '../../../src/features.ts'
import { jobs } from '../../../src/jobs.ts'
import { serviceRole } from '../../../src/platform/database/roles.ts'
import { migrate } from '../../../src/platform/start/migrate.ts'
import { asOwner, testServer } from '../../databases.ts'

t.test(
  'triggers keep tables also with an owner that is no superuser, whose own statements see no row',
  async (t) => {
    const { owner, service } = await ownedDatabase(t)
    const powers = async () =>
      (await service.query<{ powers: string[] }>('select powers from authorities')).rows.map(
        (row) => row.powers,
      )
    const seen = async () => {
      const counts: (number | null)[] = []
      for (const table of ['organisations', 'mandates', 'authorities'])
        counts.push((await owner.query(`select from ${table}`)).rowCount)
      return counts
    }
    const id = '01990000-0000-7000-8000-000000000001'
    const always = `'${id}', now(), now()`

    await service.query(`set role ${serviceRole}`)
    await service.query(`
      insert into organisations (id, created_at, updated_at, status, kind, name, country)
        values (${always}, 'verified', 'union', 'Miners', 'BY');
      insert into delegates (id, created_at, updated_at, display_name, pseudonym, organisation_id)
        values (${always}, 'Vesna', true, '${id}');
      insert into mandates (id, created_at, updated_at, status, delegate_id, organisation_id, office, powers, starts_on)
        values (${always}, 'active', '${id}', '${id}', 'chair', '{sign}', '2020-01-01')`)

    t.same(await powers(), [['sign']])
    t.same(await seen(), [0, 0, 0])
    await owner.query('alter table mandates no force row level security')
    await owner.query(`update mandates set powers = '{visit}'`)
    await owner.query('alter table mandates force row level security')
    t.same(await powers(), [['visit']], 'after a change by the owner')
    t.same(await seen(), [0, 0, 0])
  },
)

/** A database whose owner has no power of a superuser, and does not belong to the service. */
async function ownedDatabase(t: Test) {
  const { serverUrl, template } = testServer()
  const name = `${template}_${randomBytes(4).toString('hex')}`
  const urlOf = (user: string) => {
    const url = new URL(serverUrl)
    Object.assign(url, { username: `${name}_${user}`, password: 'of-this-test', pathname: name })
    return url
  }
  const [ownerUrl, serviceUrl] = [urlOf('owner'), urlOf('service')]
  const { username, password } = ownerUrl
  await asOwner(serverUrl, `create role ${username} login createrole password '${password}'`)
  await asOwner(serverUrl, `grant ${serviceRole} to ${username} with admin option`)
  await asOwner(serverUrl, `create database ${name} template template0 owner ${username}`)
  const login = { name: serviceUrl.username, password: serviceUrl.password }
  await migrate(ownerUrl.href, { jobs, publicTables }, login)
  await asOwner(serverUrl, `revoke ${serviceRole} from ${username} cascade`)
  await asOwner(serverUrl, `grant ${serviceRole} to ${login.name}`)
  const [owner, service] = [ownerUrl, serviceUrl].map(
    ({ href }) => new pg.Client({ connectionString: href }),
  ) as [pg.Client, pg.Client]
  await Promise.all([owner.connect(), service.connect()])
  t.teardown(async () => {
    await Promise.all([owner.end(), service.end()])
    await asOwner(serverUrl, `drop database ${name} with (force)`)
    await asOwner(serverUrl, `drop role ${login.name}`)
    await asOwner(serverUrl, `drop role ${username}`)
  })
  return { owner, service }
}
