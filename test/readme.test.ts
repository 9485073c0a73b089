import { randomBytes } from 'node:crypto'
import pg from 'pg'
import t, { type Test } from 'tap'
import { cloneDatabase, ownKeysDatabase, testVault } from './databases.ts'
import { blocksOf, checkout, commandsOf, paste } from './fixtures/documents.ts'
import { emptyServer } from './fixtures/killable-postgres.ts'
import { openIssuer } from './fixtures/identity-provider.ts'
import { playFirstSession } from './fixtures/readme-session.ts'
import { codeOf } from './fixtures/second-factor.ts'
import { registerUnion, seat } from './fixtures/unions.ts'
import { openHouse, type House } from './harness.ts'
import { dataFolder, freePort, startService } from './start/service.ts'

/** The number of command blocks in each document. All of them are pasted below. */
const documents = {
  'README.md': 3,
  'docs/operations.md': 2,
  'docs/keys-and-erasure.md': 4,
  'docs/ledger.md': 5,
  'docs/glossary.md': 0,
}

/** The real time, because remote hosts and authenticators use it. */
const start = () => new Date().toISOString()

t.test('every block of commands in README.md and the guides is run by this test', async (t) => {
  for (const [document, count] of Object.entries(documents)) {
    const blocks = await blocksOf(document)
    t.equal(blocks.filter(({ language }) => language === 'sh').length, count, document)
    const others = blocks.filter(({ language }) => !['sh', 'sql'].includes(language))
    t.equal(others.length, document === 'README.md' ? 1 : 0, `${document}: one block starts the service`)
  }
  const readme = (await blocksOf('README.md')).find(({ language }) => language === '')
  t.match(readme?.text, /^npm ci && npm start .*\nnpm ci && npm test .*\n$/)
})

t.test('the first session of the README runs as pasted, up to an accepted visit and a seal', async (t) => {
  const [, , sealing = ''] = await commandsOf('README.md')

  const { service, exitCode, output } = await playFirstSession(t, [
    'echo; TOKEN=$MTZ_TOKEN ID=$MTZ_ID',
    sealing,
  ])

  t.equal(exitCode, 0, output)
  t.match(
    output,
    /^verified\n\[ 'negotiate', 'sign', 'visit', 'vouch' \]\nhttp:\/\/127\.0\.0\.1:\d+\/offer#spl_[\w-]+\naccept\n.+Z\n.+Z\nactive\naccepted\n\n\{.*"status":"sealed"/,
  )
  service.signal('SIGTERM')
  t.equal(await service.ended, 0)
})

t.test('the first coordination of the README is created beside a running service', async (t) => {
  const { service, environment } = await serviceOf(t)
  const [creating = ''] = await commandsOf('README.md')

  const { exitCode, output } = await paste([creating], environment)

  t.equal(exitCode, 0, output)
  t.match(output, /spt_[\w-]{43}/)
  service.signal('SIGTERM')
  t.equal(await service.ended, 0)
})

t.test('the guide for a PostgreSQL server of your own leads from an empty server to a service', async (t) => {
  const serverUrl = await emptyServer(t)
  const here = (commands: string) => commands.replaceAll('127.0.0.1:5432', new URL(serverUrl).host)
  const [statements] = (await blocksOf('docs/operations.md')).filter(({ language }) => language === 'sql')
  const [installing = ''] = await commandsOf('docs/operations.md')
  const superuser = new pg.Client(serverUrl)
  await superuser.connect()
  t.teardown(() => superuser.end())

  for (const statement of here(statements?.text ?? '')
    .split(';')
    .filter((each) => each.trim() !== ''))
    await superuser.query(statement)
  const [PORT, DATA_FOLDER] = [String(await freePort()), await dataFolder(t)]
  const stopping = 'until curl -sf http://127.0.0.1:$PORT/readyz; do sleep 0.1; done; kill %1; wait %1'
  const inBackground = here(installing).replace(/npm start\n$/, `node src/main.ts &\n${stopping}\n`)
  const { exitCode, output } = await paste(['set -m', inBackground], { PORT, DATA_FOLDER, LOG_LEVEL: 'info' })

  t.equal(exitCode, 0, output)
  t.match(output, /The database has the schema of this version/)
  t.match(output, /"status":"ok"|ready/)
})

t.test('the commands of the guide bind an account of an identity provider to a delegate', async (t) => {
  const issuer = await openIssuer(t, ['vesna'])
  const house = await openHouse(t, { now: start(), settings: issuer.settings })
  const union = await registerUnion(house)
  const vesna = await seat(house, union, { office: 'delegate' })
  const path = `/v1/delegates/${vesna.delegateId}/enrolment-links`
  const link = (await house.ask('POST', path, { token: union.token, body: {} })).data['secret'] as string
  const [, binding = ''] = await commandsOf('docs/operations.md')

  const { exitCode, output } = await paste([binding], {
    API: await listen(house),
    LINK_SECRET: link,
    ACCESS_TOKEN: await issuer.tokenOf('vesna'),
  })

  t.equal(exitCode, 0, output)
  const me = await house.ask('GET', '/v1/me', { token: await issuer.tokenOf('vesna') })
  t.match(me.data, { kind: 'delegate', delegate: { id: vesna.delegateId } })
})

t.test('the commands of the guide add a second factor and write an identity', async (t) => {
  const house = await openHouse(t, { now: start() })
  const union = await registerUnion(house)
  const [adding = '', writing = ''] = await commandsOf('docs/keys-and-erasure.md')
  const environment = { API: await listen(house), TOKEN: union.token }

  const added = await paste([adding], environment)
  const secret = /"secret":"([A-Z2-7]+)"/.exec(added.output)?.[1] ?? ''
  const CODE = codeOf(secret, house.now())
  const written = await paste([adding.replace(/^curl.*$/m, ''), writing], { ...environment, CODE })

  t.equal(added.exitCode, 0, added.output)
  t.equal(written.exitCode, 0, written.output)
  t.match(written.output, /"legalName":"Vesna Example"/)
})

t.test('the commands of the guide change the root key and all data keys of a running service', async (t) => {
  const [old, fresh] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')]
  const KEYS_DATABASE_URL = await ownKeysDatabase(t)
  const before = await serviceOf(t, { KEYS_DATABASE_URL, ROOT_KEY: old })
  before.service.signal('SIGTERM')
  await before.service.ended
  const roots = { ROOT_KEY: fresh, ROOT_KEY_PREVIOUS: old }
  const settings = { ...before.settings, KEYS_DATABASE_URL, ...roots }
  const service = await startService(t, settings)
  const [, , ...rotating] = await commandsOf('docs/keys-and-erasure.md')

  const environment = { ...settings, NEW_ROOT_KEY: fresh, OLD_ROOT_KEY: old }
  const { exitCode, output } = await paste(rotating, environment)

  t.equal(exitCode, 0, output)
  t.match(output, /keys are wrapped by the new root key/)
  t.match(output, /A rotation of keys begins: \d+/)
  service.signal('SIGTERM')
  t.equal(await service.ended, 0)
})

t.test('the commands of the guide keep a checkpoint of the ledger, and verify it and a pact', async (t) => {
  const played = await playFirstSession(t, ['echo "PARTY $ICOG_TOKEN ${PACT##*/}"'])
  t.equal(played.exitCode, 0, played.output)
  const [, TOKEN = '', PACT = ''] = /PARTY (\S+) (\S+)/.exec(played.output) ?? []
  const owner = new pg.Client(played.database.ownerUrl)
  await owner.connect()
  t.teardown(() => owner.end())
  const { rows } = await owner.query<{ id: string }>('select id from ledger order by position limit 1')

  const { exitCode, output } = await paste(
    await commandsOf('docs/ledger.md'),
    {
      ...played.settings,
      KEYS_DATABASE_URL: testVault.keysUrl,
      ROOT_KEY: testVault.rootKey,
      API: played.service.url,
      TOKEN,
      PACT,
      ENTRY_ID: rows[0]?.id ?? '',
    },
    await checkout(t),
  )

  t.equal(exitCode, 0, output)
  t.match(output, /The ledger matches the checkpoint/)
  played.service.signal('SIGTERM')
  t.equal(await played.service.ended, 0)
})

/** A service as a process, and the environment for the operator's commands. */
async function serviceOf(t: Test, keys: { KEYS_DATABASE_URL: string; ROOT_KEY: string } = givenKeys()) {
  const database = await cloneDatabase()
  t.teardown(database.drop)
  const settings = {
    DATABASE_URL: database.url,
    DATA_FOLDER: await dataFolder(t),
    PORT: String(await freePort()),
    ...keys,
  }
  return { settings, environment: settings, service: await startService(t, settings) }
}

const givenKeys = () => ({ KEYS_DATABASE_URL: testVault.keysUrl, ROOT_KEY: testVault.rootKey })

const listen = ({ app }: House): Promise<string> => app.listen({ host: '127.0.0.1', port: 0 })
