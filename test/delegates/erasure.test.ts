import t, { type Test } from 'tap'
import { erasureJob } from '../../src/delegates/erasure/jobs.ts'
import { features } from '../../src/features.ts'
import { reactionsOf } from '../../src/platform/feature.ts'
import { holdRowLocks } from '../fixtures/row-locks.ts'
import { elevated, nextCode } from '../fixtures/second-factor.ts'
import { enrol, ledgerOf, registerUnion, seat, type Person } from '../fixtures/unions.ts'
import { delegateOf, visitWorld } from '../fixtures/visits.ts'
import { done } from '../fixtures/world.ts'
import { openHouse } from '../harness.ts'

async function world(t: Test) {
  const house = await openHouse(t)
  const union = await registerUnion(house)
  const mara = await seat(house, union, { office: 'delegate' })
  const erase = (person: { delegateId: string; token: string }, token = person.token) =>
    house.ask('DELETE', `/v1/delegates/${person.delegateId}`, { token, headers: { 'if-match': '*' } })
  const query = async (text: string, values: unknown[] = [mara.delegateId]) =>
    (await house.database.read.$client.query(text, values)).rows
  return { house, ...house, union, mara, erase, query }
}

t.test('an erased person can get no new name, office, link or token', async (t) => {
  const { ask, union, mara, erase, query } = await world(t)
  const person = `/v1/delegates/${mara.delegateId}`
  const { token } = union
  const link = (await ask('POST', `${person}/enrolment-links`, { token, body: {} })).data['secret'] as string
  t.equal((await erase(mara)).statusCode, 204)

  const answers = await Promise.all([
    ask('PATCH', person, { token, body: { displayName: 'Mara again' }, headers: { 'if-match': '*' } }),
    // The tombstone is older as well.
    ask('PATCH', person, { token, body: { pseudonym: true }, headers: { 'if-match': '*' } }),
    ask('POST', `${person}/enrolment-links`, { token, body: {} }),
    ask('POST', `${union.url}/mandates`, {
      token,
      body: { delegateId: mara.delegateId, office: 'secretary' },
    }),
  ])

  for (const answer of answers) t.match(answer.data, { status: 410, code: 'delegate_erased' })
  const enrolled = await ask('POST', '/v1/enrolments', { body: { secret: link, label: 'phone' } })
  t.match(enrolled.data, { status: 410, code: 'enrolment_link_gone' })
  t.match((await ask('GET', person, { token })).data, { displayName: 'Erased person', version: 2 })
  t.same(await query('select id from tokens where delegate_id = $1'), [])
})

t.test('the database itself refuses to give an erased person a mandate, a link or a token', async (t) => {
  const { house, union, mara, erase } = await world(t)
  await erase(mara)
  const now = house.now().toISOString()

  for (const [statement, values] of [
    [`update delegates set display_name = 'Mara' where id = $1`, []],
    [`update delegates set erased_at = null where id = $1`, []],
    [
      `insert into tokens (hash, id, kind, delegate_id, label, scopes, created_at, expires_at)
       values ('\\x01', gen_random_uuid(), 'delegate', $1, 'phone', '{}', $2, $2)`,
      [now],
    ],
    [
      `insert into enrolment_links (id, hash, delegate_id, created_at, expires_at)
       values (gen_random_uuid(), '\\x01', $1, $2, $2)`,
      [now],
    ],
    [
      `insert into mandates (id, created_at, updated_at, status, delegate_id, organisation_id, office, powers, starts_on)
       values (gen_random_uuid(), $2, $2, 'submitted', $1, $3, 'delegate', '{}', '2026-03-02')`,
      [now, union.id],
    ],
    [`update mandates set status = 'active' where delegate_id = $1`, []],
  ] as const) {
    const refused = house.database.read.$client.query(statement, [mara.delegateId, ...values])
    await t.rejects(refused, { code: '23514', constraint: 'delegates_erased' }, statement)
  }
})

t.test('the database refuses to mark a person as erased while data of that person is left', async (t) => {
  const { mara, query } = await world(t)

  await t.rejects(
    query(
      `update delegates set display_name = 'Erased person', pseudonym = true, languages = '{}', erased_at = now() where id = $1`,
    ),
    /something was left/,
  )
  t.same(await query('select erased_at from delegates where id = $1'), [{ erased_at: null }], mara.token)
})

t.test('a repeated erasure, also by the hourly job, deletes data that a restore brought back', async (t) => {
  const { house, ask, union, mara, erase, query } = await world(t)
  const tables = ['delegates', 'tokens', 'mandates']
  const tampering = async (which: 'disable' | 'enable') => {
    for (const table of tables) await owner.query(`alter table ${table} ${which} trigger user`)
  }
  const { default: pg } = await import('pg')
  const owner = new pg.Client({ connectionString: house.ownerUrl })
  await owner.connect()
  t.teardown(() => owner.end())
  await erase(mara)
  const comeBack = async () => {
    await tampering('disable')
    await query(`update delegates set display_name = 'Mara Realname' where id = $1`)
    await query(`update mandates set status = 'active' where delegate_id = $1`)
    await query(
      `insert into tokens (hash, id, kind, delegate_id, label, scopes, created_at, expires_at)
       values ('\\x01', gen_random_uuid(), 'delegate', $1, 'phone', '{}', '2026-01-01', '2026-01-02')`,
    )
    await tampering('enable')
  }

  for (const again of [
    () => erase(mara, union.token),
    () => house.run(erasureJob({ vault: house.vault, ...reactionsOf(features) })),
  ]) {
    await comeBack()
    await again()
    const { data } = await ask('GET', `/v1/delegates/${mara.delegateId}`, { token: union.token })
    t.match(data, { displayName: 'Erased person', erasedAt: house.now().toISOString() })
    t.same(await query('select id from tokens where delegate_id = $1'), [])
    t.same(await query('select status from mandates where delegate_id = $1'), [{ status: 'recalled' }])
  }
})

t.test('an erased person is withdrawn from visits and cannot be nominated again', async (t) => {
  const house = await visitWorld(t)
  const { ask, visitor, guest, nominate, visitIn, entriesOf, database } = house
  const confirmed = await visitIn('confirmed')
  const proposed = await visitIn('proposed')
  const nominated = done(await nominate(proposed, guest.delegateId)).data['id'] as string
  await database.read.$client.query(
    'update visit_participants set consented_at = now() where visit_id = $1',
    [confirmed],
  )

  const erased = await ask('DELETE', `/v1/delegates/${guest.delegateId}`, {
    token: guest.token,
    headers: { 'if-match': '*' },
  })

  t.equal(erased.statusCode, 204, erased.body)
  const { rows } = await database.read.$client.query(
    `select p.visit_id, p.status, p.consented_at, b.status as booking
     from visit_participants p left join bookings b on b.participant_id = p.id
     where p.delegate_id = $1 order by p.visit_id = $2 desc`,
    [guest.delegateId, confirmed],
  )
  const withdrawn = { status: 'withdrawn', consented_at: null }
  t.match(rows, [
    { visit_id: confirmed, ...withdrawn, booking: 'released' },
    { visit_id: proposed, ...withdrawn },
  ])
  t.match((await entriesOf(nominated)).at(-1), {
    move: 'release',
    toStatus: 'withdrawn',
    actorKind: 'system',
  })
  const again = await nominate(proposed, guest.delegateId)
  t.match(again.data, { status: 410, code: 'delegate_erased' })
  t.match((await nominate(proposed, (await delegateOf(house, visitor)).delegateId)).statusCode, 201)
})

t.test('an erasure withdraws and records the consents of the person, and changes nothing else', async (t) => {
  const house = await visitWorld(t)
  const { ask, guest, participantIn, visitIn, entriesOf, database } = house
  const [shown, over] = [await visitIn('accepted'), await visitIn('proposed')]
  await elevated(house.house, guest)
  const person = `/v1/delegates/${guest.delegateId}`
  const body = { legalName: 'Vesna' }
  done(await ask('PUT', `${person}/identity`, { token: guest.token, body }))
  const consented = await participantIn(shown, 'agreed', guest)
  await participantIn(over, 'withdrawn', guest)
  done(await ask('PUT', `/v1/visit-participants/${consented}/consent`, { token: guest.token }))
  const rowsOf = async (visitId: string) =>
    (
      await database.read.$client.query(
        'select version, consented_at, xmin::text as written from visit_participants where visit_id = $1',
        [visitId],
      )
    ).rows as { version: number; consented_at: string | null; written: string }[]
  const before = await rowsOf(over)

  done(await ask('DELETE', person, { token: guest.token, headers: { 'if-match': '*' } }))

  t.match(await rowsOf(shown), [{ consented_at: null, version: 5 }])
  t.match(
    (await entriesOf(consented)).map(({ type, subjectVersion }) => [type, subjectVersion]),
    [
      ['participant.nominated', 1],
      ['participant.moved', 2],
      ['participant.consented', 3],
      ['participant.moved', 4],
      ['participant.consent_withdrawn', 5],
    ],
  )
  t.same(await rowsOf(over), before, 'without a consent, nothing changes')
})

t.test('an erasure locks identity before visits, in the same order as a consent', async (t) => {
  const house = await visitWorld(t)
  const { ask, guest, participantIn, visitIn, ownerUrl } = house
  const visitId = await visitIn('accepted')
  await participantIn(visitId, 'agreed', guest)
  await elevated(house.house, guest)
  const person = `/v1/delegates/${guest.delegateId}`
  const asking = { token: guest.token, headers: { 'if-match': '*' } }
  done(await ask('PUT', `${person}/identity`, { token: guest.token, body: { legalName: 'Vesna' } }))
  const { waiting, release } = await holdRowLocks(
    t,
    ownerUrl,
    'select from visits where id = $1 for update',
    [visitId],
  )
  const erasing = ask('DELETE', person, asking)
  await waiting(1)

  const free = 'select from identities where delegate_id = $1 for share skip locked'
  t.equal((await holdRowLocks(t, ownerUrl, free, [guest.delegateId])).held, 0)

  await release()
  t.equal((await erasing).statusCode, 204)
})

t.test('stored responses no longer contain an erased person, and no request runs twice', async (t) => {
  const { ask, union, mara, erase, query } = await world(t)
  const create = () =>
    ask('POST', '/v1/delegates', {
      token: union.token,
      body: { organisationId: union.id, displayName: 'Zora' },
      headers: { 'idempotency-key': 'a-key-of-the-secretary' },
    })
  const zora = (await create()).data['id'] as string
  t.equal((await create()).headers['idempotency-replayed'], 'true')

  await erase({ delegateId: zora, token: union.token })

  const repeated = await create()
  t.match(repeated.data, { status: 409, code: 'answer_forgotten' })
  t.notMatch(repeated.body, 'Zora')
  t.match(await query('select answer, delegate_id from idempotency_keys', []), [
    { answer: null, delegate_id: union.delegateId },
  ])
  t.match(await query('select count(*)::int as n from delegates', []), [{ n: 3 }], 'union, Mara and Zora')
  t.ok(mara)
})

t.test('a person without a token can be erased by an administrator but not by a colleague', async (t) => {
  const { ask, union, mara, erase } = await world(t)
  const made = { organisationId: union.id, displayName: 'Zora' }
  const zora = done(await ask('POST', '/v1/delegates', { token: union.token, body: made })).data[
    'id'
  ] as string
  const office = { token: union.token, body: { delegateId: zora, office: 'observer' } }
  done(await ask('POST', `${union.url}/mandates`, office))

  const refused = await erase({ delegateId: zora, token: mara.token })

  t.match(refused.data, { status: 403, detail: /^Only the delegate, or an administrator/ })
  t.equal((await erase({ delegateId: zora, token: union.token })).statusCode, 204)
})

t.test('a person with a second factor must give a code to erase themselves', async (t) => {
  const { house, ask, union, mara, erase } = await world(t)
  await elevated(house, mara)
  const stolen = await enrol(house, union, mara.delegateId)

  const refused = await erase(mara, stolen)

  t.match(refused.data, { status: 403, code: 'second_factor_needed' })
  t.equal((await ask('GET', '/v1/me', { token: mara.token })).statusCode, 200)
  const given = await ask('POST', '/v1/me/elevations', {
    token: stolen,
    body: { code: nextCode(house, mara) },
  })
  t.equal(given.statusCode === 200 ? (await erase(mara, stolen)).statusCode : given.body, 204)
})

t.test('the last administrator of an organisation cannot be erased before another one exists', async (t) => {
  const { house, ask, union, erase } = await world(t)

  const refused = await erase(union)

  t.match(refused.data, { status: 409, code: 'last_administrator' })
  const me = await ask('GET', '/v1/me', { token: union.token })
  t.equal(me.data['delegate'].name, 'Secretary', 'nothing was changed')
  t.equal(await house.vault.store.isErased(union.delegateId), false)
  await seat(house, union, { office: 'chair' })
  t.equal((await erase(union)).statusCode, 204)
  t.match((await ledgerOf(house, union.mandateId)).at(-1), { type: 'mandate.moved', move: 'recall' })
})

t.test('the only member of an unverified organisation can be erased', async (t) => {
  const { house, ask, erase } = await world(t)
  const mistaken = await registerUnion(house, { name: 'Registered by mistake' })

  t.equal((await erase(mistaken)).statusCode, 204)

  t.equal((await ask('GET', '/v1/me', { token: mistaken.token })).statusCode, 401)
  t.equal(await house.vault.store.isErased(mistaken.delegateId), true)
})

t.test('of the last two administrators who are erased concurrently, one erasure is refused', async (t) => {
  const { house, union, erase } = await world(t)
  const chair = await seat(house, union, { office: 'chair' })

  const answers = await Promise.all([erase(union), erase(chair)])

  t.same(answers.map(({ statusCode }) => statusCode).sort(), [204, 409])
})

t.test('an enrolment link that is used during the erasure of its person leaves no token', async (t) => {
  const { house, ask, union, erase, query } = await world(t)
  const people: Person[] = []
  for (let i = 0; i < 4; i++) people.push(await seat(house, union, { office: 'observer' }))

  await Promise.all(
    people.map(async (person) => {
      const path = `/v1/delegates/${person.delegateId}/enrolment-links`
      const { secret } = done(await ask('POST', path, { token: union.token, body: {} })).data
      const [erased] = await Promise.all([
        erase(person),
        ask('POST', '/v1/enrolments', { body: { secret, label: 'phone' } }),
        ask('POST', path, { token: union.token, body: {} }),
        ask('POST', '/v1/tokens', { token: person.token, body: { label: 'x', scopes: ['pacts:read'] } }),
      ])
      t.equal(erased.statusCode, 204, erased.body)
    }),
  )

  const ids = people.map(({ delegateId }) => delegateId)
  for (const table of ['tokens', 'enrolment_links'])
    t.same(await query(`select id from ${table} where delegate_id = any ($1)`, [ids]), [], table)
})
