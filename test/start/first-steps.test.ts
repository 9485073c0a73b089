/** Follows the first steps that the start prints, literally, up to a union that the first coordination has verified. */
import pg from 'pg'
import t from 'tap'
import { cloneDatabase } from '../databases.ts'
import { command, dataFolder, startService, type Service } from './service.ts'

const creating = (name: string, country = 'DE', secretary = 'Vesna of the office') => [
  'coordination',
  'create',
  '--name',
  name,
  '--country',
  country,
  '--secretary',
  secretary,
]

type Body = Record<string, any>

async function ask(service: Service, method: string, path: string, token?: string, body?: object) {
  const answer = await fetch(service.url + path, {
    method,
    headers: {
      'if-match': '*',
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as Body }
}

const tokenIn = (printed: string): string => /spt_[\w-]{43}/.exec(printed)?.[0] ?? ''

/** Invites a union, which registers, and verifies it. */
async function verifyUnion(service: Service, token: string) {
  const me = await ask(service, 'GET', '/v1/me', token)
  const organisationId = me.body['mandates'][0].organisation.id as string
  const { body: invitation } = await ask(service, 'POST', '/v1/invitations', token, { organisationId })
  const registering = { kind: 'union', name: 'Our union', country: 'DE', secretary: { displayName: 'Rosa' } }
  const registered = await ask(service, 'POST', '/v1/organisations', undefined, {
    ...registering,
    invitation: invitation['secret'],
  })
  const queue = await ask(service, 'GET', '/v1/verification-queue', token)
  const first = queue.body['data'][0] as { url: string }
  const moved = await ask(service, 'POST', `${first.url}/transitions`, token, { move: 'verify' })
  const after = await ask(service, 'GET', '/v1/me', registered.body['token'].secret)
  return { me: me.body, registered: registered.body, verified: moved.body, union: after.body }
}

t.test(
  'beside a running service, coordination create makes a coordination whose secretary can verify others',
  async (t) => {
    const settings = { DATA_FOLDER: await dataFolder(t) }
    const service = await startService(t, settings)
    await service.prints('npm run story')
    t.match(service.printed(), 'npm run cli -- coordination create --name "Our coordination" --country DE')
    t.match(service.printed(), `${service.url}/v1/invitations`)

    const created = await command(t, creating('Our coordination'), settings)

    t.equal(created.exitCode, 0, created.sentence)
    t.equal(created.standardOutput.match(/spt_/g)?.length, 1, 'the token is printed once')
    const { me, registered, verified, union } = await verifyUnion(service, tokenIn(created.standardOutput))
    t.same(me['mandates'].map((mandate: Body) => mandate['office']).sort(), ['coordinator', 'secretary'])
    t.equal(me['next'], null)
    t.match(registered['next'], { code: 'ask_for_verification', url: me['mandates'][0].organisation.url })
    t.match(verified, { name: 'Our union', status: 'verified' })
    t.equal(union['next'], null)
    service.signal('SIGTERM')
    t.equal(await service.ended, 0)
  },
)

t.test(
  'coordination create makes a second coordination on a given database, and the ledger records both',
  async (t) => {
    const database = await cloneDatabase()
    t.teardown(database.drop)
    const settings = { DATABASE_URL: database.url }

    for (const name of ['First coordination', 'Second coordination'])
      t.equal((await command(t, creating(name), settings)).exitCode, 0)

    const client = new pg.Client({
      connectionString: database.url,
      options: '-c role=solidarity_pact_service',
    })
    await client.connect()
    const organisations = await client.query(
      'select name, status, kind, version from organisations order by name',
    )
    const ledger = await client.query(
      `select type, move, actor_kind, count(*)::int as n from ledger group by 1, 2, 3 order by min(position)`,
    )
    await client.end()
    const coordination = { status: 'verified', kind: 'coordination', version: 2 }
    t.same(organisations.rows, [
      { name: 'First coordination', ...coordination },
      { name: 'Second coordination', ...coordination },
    ])
    const told = (type: string, n = 2, move: string | null = null) => ({
      type,
      move,
      actor_kind: 'system',
      n,
    })
    t.same(ledger.rows, [
      told('organisation.registered'),
      told('delegate.created'),
      told('mandate.activated', 4),
      told('token.minted'),
      told('organisation.moved', 2, 'verify'),
    ])
  },
)

t.test('coordination create answers wrong arguments with one sentence and opens no database', async (t) => {
  const settings = { DATABASE_URL: 'postgresql://nobody:x@127.0.0.1:9/nowhere' }
  const usage = /^Usage: npm run cli -- coordination create --name [^\n]+\n$/
  for (const [words, sentence] of [
    [['coordination'], usage],
    [['coordination', 'erase'], usage],
    [['coordination', 'create', '--name', 'Ours'], usage],
    [[...creating('Ours'), '--kind', 'union'], usage],
    [[...creating('Ours'), 'more'], usage],
    [creating(''), /^The option --name must not be empty\.\n$/],
    [creating('Ours', 'Germany'), /^The option --country is invalid\. This is not [^\n]+[^.]\.\n$/],
    [creating('Ours', 'DE', ' '), /^The option --secretary [^\n]+\.\n$/],
    [creating('Our\nown'), /^The option --name [^\n]+\.\n$/],
  ] as const) {
    const { exitCode, standardOutput, sentence: said } = await command(t, words, settings)
    t.equal(exitCode, 1, words.join(' '))
    t.equal(standardOutput, '')
    t.match(said, sentence)
  }
})
