import { randomBytes } from 'node:crypto'
import path from 'node:path'
import pg from 'pg'
import t, { type Test } from 'tap'
import { provisionOwnKeys } from '../../src/provision-database.ts'
import { asOwner, cloneDatabase, emptyKeysDatabase, testServer } from '../databases.ts'
import { command, refusal, startService } from './service.ts'

t.test('migrate creates the tables and the database user of the service, which then starts', async (t) => {
  const { ownerUrl, url, password } = await emptyDatabase(t)

  const early = await refusal(t, { DATABASE_URL: ownerUrl })
  const migrated = await command(t, 'migrate', { OWNER_DATABASE_URL: ownerUrl, DATABASE_URL: url })
  const again = await command(t, 'migrate', { OWNER_DATABASE_URL: ownerUrl, DATABASE_URL: url })

  t.equal(early.exitCode, 1, 'before it, nothing starts')
  t.equal(migrated.exitCode, 0, migrated.sentence)
  t.equal(again.exitCode, 0, again.sentence)
  const keys = { SIGNING_KEY_FILE: path.join(t.testdir(), 'receipts.pem') }
  const service = await startService(t, { DATABASE_URL: url, ...keys })
  await service.prints("The operator's token")
  t.equal((await fetch(`${service.url}/v1/organisations`)).status, 200)
  service.signal('SIGTERM')
  t.equal(await service.ended, 0)
  const replaced = await command(t, 'operator-token', { DATABASE_URL: url })
  t.match(replaced.standardOutput, /^spt_\S+\n$/, 'and the operator needs no owner either')
  t.notMatch(migrated.standardOutput + migrated.sentence, password)
})

t.test(
  'the service refuses to start as the owner of the tables or as a user that can bypass policies',
  async (t) => {
    const database = await cloneDatabase()
    t.teardown(() => database.drop())
    const owner = await refusal(t, { DATABASE_URL: database.ownerUrl })
    const powers = { bypassrls: 'has BYPASSRLS', createrole: 'may make roles', superuser: 'is a superuser' }

    t.equal(owner.exitCode, 1)
    t.match(owner.sentence, /^The user of DATABASE_URL [^\n]+ could go past the rules[^\n]+\.\n$/)
    for (const [power, fault] of Object.entries(powers)) {
      const url = await loginOn(t, database.ownerUrl, power)
      await asOwner(database.ownerUrl, `grant solidarity_pact_service to ${new URL(url).username}`)
      const refused = await refusal(t, { DATABASE_URL: url })
      t.equal(refused.exitCode, 1)
      t.ok(refused.sentence.startsWith(`The user of DATABASE_URL ${fault} and could`), refused.sentence)
    }
  },
)

t.test('the service refuses to start as a member of the owner role', async (t) => {
  const { ownerUrl, adminUrl, url } = await emptyDatabase(t)
  await asOwner(adminUrl, `create role ${nameOf(url)} login password '${new URL(url).password}'`)
  await command(t, 'migrate', { OWNER_DATABASE_URL: ownerUrl, DATABASE_URL: url })
  await asOwner(adminUrl, `grant ${nameOf(ownerUrl)} to ${nameOf(url)}`)

  const refused = await refusal(t, { DATABASE_URL: url })

  t.equal(refused.exitCode, 1)
  t.ok(refused.sentence.startsWith('The user of DATABASE_URL owns its tables'), refused.sentence)
})

t.test('a missing right and a schema of another version are refused with what to do', async (t) => {
  const database = await cloneDatabase()
  t.teardown(() => database.drop())
  const stranger = await refusal(t, { DATABASE_URL: await loginOn(t, database.ownerUrl, 'nocreaterole') })
  const wrongVersion = async (statement: string) => {
    await asOwner(database.ownerUrl, statement)
    return (await refusal(t, { DATABASE_URL: database.url })).sentence
  }
  const newer = await wrongVersion("insert into migrations (hash, created_at) values ('later', 9e12::bigint)")
  const downgrade = await command(t, 'migrate', {
    OWNER_DATABASE_URL: database.ownerUrl,
    DATABASE_URL: database.url,
  })
  await asOwner(database.ownerUrl, "delete from migrations where hash = 'later'")
  const otherPolicies = await wrongVersion("comment on table migrations is 'policies of before'")
  const older = await wrongVersion('delete from migrations where id = (select max(id) from migrations)')

  t.match(stranger.sentence, /has no rights in this database; run npm run migrate/)
  for (const sentence of [older, otherPolicies])
    t.match(sentence, /is not at this version; run npm run migrate with OWNER_DATABASE_URL\.\n$/)
  for (const sentence of [newer, downgrade.sentence])
    t.match(sentence, /belongs to a newer version than this service; start that version\.\n$/)
  t.equal(downgrade.exitCode, 1, 'and no older version migrates it')
})

t.test('a database from before the first release is refused with one sentence', async (t) => {
  const [old, fit] = [await cloneDatabase(), await cloneDatabase()]
  t.teardown(() => Promise.all([old.drop(), fit.drop()]))
  const { ownerUrl, url } = await emptyKeysDatabase(t)
  const oldKeysUrl = await provisionOwnKeys(ownerUrl, nameOf(url))
  for (const foreignUrl of [old.ownerUrl, ownerUrl])
    await asOwner(foreignUrl, "update migrations set hash = 'of another baseline'")
  const keys = { OWNER_KEYS_DATABASE_URL: ownerUrl, KEYS_DATABASE_URL: oldKeysUrl }

  const refused = [
    await refusal(t, { DATABASE_URL: old.url }),
    await command(t, 'migrate', { OWNER_DATABASE_URL: old.ownerUrl, DATABASE_URL: old.url }),
    await refusal(t, { DATABASE_URL: fit.url, KEYS_DATABASE_URL: oldKeysUrl }),
    await command(t, 'migrate', { OWNER_DATABASE_URL: fit.ownerUrl, DATABASE_URL: fit.url, ...keys }),
  ]

  for (const { exitCode, sentence } of refused) {
    t.equal(exitCode, 1)
    t.match(
      sentence,
      /^The database[^\n]* was made by a version from before the first release, [^\n]+ use an empty database\.\n$/,
    )
  }
})

t.test('migrate refuses settings that would make the service the owner of the tables', async (t) => {
  const { ownerUrl } = await emptyDatabase(t)

  const alone = await command(t, 'migrate', { DATABASE_URL: ownerUrl })
  const same = await command(t, 'migrate', { OWNER_DATABASE_URL: ownerUrl, DATABASE_URL: ownerUrl })

  t.same([alone.exitCode, same.exitCode], [1, 1])
  t.match(alone.sentence, /^Only the owner can change the tables: set OWNER_DATABASE_URL[^\n]+\n$/)
  t.match(same.sentence, /^DATABASE_URL must name a user of its own[^\n]+\n$/)
})

t.test(
  'migrate by an owner that may not create roles prints what an administrator must run, and then continues',
  async (t) => {
    const { ownerUrl, adminUrl, url } = await emptyDatabase(t)
    await asOwner(adminUrl, `alter role ${nameOf(ownerUrl)} nocreaterole`)
    await asOwner(adminUrl, `revoke solidarity_pact_service from ${nameOf(ownerUrl)}`)
    const settings = { OWNER_DATABASE_URL: ownerUrl, DATABASE_URL: url }

    const asked: string[] = []
    for (let i = 0; i < 2; i++) {
      const { exitCode, sentence } = await command(t, 'migrate', settings)
      t.equal(exitCode, 1)
      t.match(sentence, /^The user of OWNER_DATABASE_URL may not do this by itself; [^\n]+\n$/)
      const statement = /run: (.+); and try again/.exec(sentence)?.[1] ?? ''
      await asOwner(adminUrl, statement)
      asked.push(statement.replaceAll(nameOf(url), 'pact'))
    }
    const migrated = await command(t, 'migrate', settings)

    t.same(asked, ['create role "pact" login', 'grant solidarity_pact_service to "pact"'])
    t.equal(migrated.exitCode, 0, migrated.sentence)
  },
)

const nameOf = (url: string): string => new URL(url).username

/** A database as an administrator provides it: its owner may create roles, and has no other right of a superuser. */
async function emptyDatabase(t: Test) {
  const { serverUrl, template } = testServer()
  const name = `${template}_${randomBytes(4).toString('hex')}`
  const [owner, service, admin] = [new URL(serverUrl), new URL(serverUrl), new URL(serverUrl)]
  for (const [url, userName] of [
    [owner, `${name}_owner`],
    [service, `${name}_service`],
  ] as const) {
    url.username = userName
    url.password = randomBytes(8).toString('hex')
  }
  for (const url of [owner, service, admin]) url.pathname = name
  await asOwner(serverUrl, `create role ${owner.username} login createrole password '${owner.password}'`)
  await asOwner(serverUrl, `grant solidarity_pact_service to ${owner.username} with admin option`)
  await asOwner(serverUrl, `create database ${name} template template0 owner ${owner.username}`)
  t.teardown(async () => {
    await asOwner(serverUrl, `drop database ${name} with (force)`)
    await asOwner(serverUrl, `drop role if exists ${service.username}`)
    await asOwner(serverUrl, `drop role ${owner.username}`)
  })
  return { ownerUrl: owner.href, adminUrl: admin.href, url: service.href, password: service.password }
}

/** Another user of the server with one property, dropped at the end of the test. */
async function loginOn(t: Test, ownerUrl: string, property: string): Promise<string> {
  const url = new URL(ownerUrl)
  url.username = `${testServer().template}_${property}_${randomBytes(4).toString('hex')}`
  url.password = randomBytes(8).toString('hex')
  const { serverUrl } = testServer()
  await asOwner(
    serverUrl,
    `create role ${pg.escapeIdentifier(url.username)} login ${property} password '${url.password}'`,
  )
  t.teardown(() => asOwner(serverUrl, `drop role ${url.username}`))
  return url.href
}
