import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { pactLapse } from '../../src/pacts/jobs.ts'
import { loadRetiredKeys, makeSigningKey, openSigner, verifyReceipt } from '../../src/platform/receipts.ts'
import { ledgerOf, seat } from '../fixtures/unions.ts'
import {
  done,
  instantAfter,
  move,
  pactIn,
  propose,
  respond,
  sign,
  textOf,
  world,
  type World,
} from '../fixtures/world.ts'

const script = fileURLToPath(new URL('../../scripts/verify-pact.ts', import.meta.url))

t.test('a signature is answered with a receipt that anyone can verify', async (t) => {
  const house = await world(t)
  const { icog } = house
  const id = await pactIn(house, 'signing')
  const text = await textOf(house, icog, id)

  const signed = await sign(house, icog, id)

  t.equal(signed.statusCode, 201, signed.body)
  t.match(signed.data, { ...text, pactId: id, party: { id: icog.id }, void: false })
  const { receipt } = signed.data
  t.same(receipt.payload, {
    purpose: 'pact-signature',
    pactId: id,
    ...text,
    organisationId: icog.id,
    mandateId: icog.mandateId,
    signedAt: signed.data.signedAt,
  })
  const keys = await house.ask('GET', '/.well-known/jwks.json')
  t.same(verifyReceipt(receipt, { keys: keys.data['keys'] }), { ok: true })
  const pact = await house.ask('GET', `/v1/pacts/${id}`, { token: icog.token })
  t.equal(pact.data.status, 'signing', 'one signature is not enough')
  t.match((await ledgerOf(house, id)).at(-1), { type: 'pact.signed', mandate_id: icog.mandateId })
})

t.test('the last signature brings the pact into force', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  const id = await pactIn(house, 'signing')
  done(await sign(house, icog, id))

  done(await sign(house, union, id))

  const pact = await house.ask('GET', `/v1/pacts/${id}`, { token: icog.token })
  const now = house.now().toISOString()
  t.match(pact.data, { status: 'active', activatedAt: now, startsOn: '2026-03-03', endsOn: '2027-03-02' })
  t.equal(pact.data.noticeDays, 30)
  t.ok(pact.data.parties.every((party: any) => party.signed))
  t.match((await ledgerOf(house, id)).slice(-2), [
    { type: 'pact.signed', mandate_id: union.mandateId },
    { type: 'pact.activated', move: 'activate', from_status: 'signing', to_status: 'active' },
  ])
})

t.test('two last signatures at once both count, and one of the same party twice does not', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  for (const purpose of ['exchange', 'strike_support', 'mutual_support']) {
    const id = await pactIn(house, 'signing', { purpose })

    const answers = await Promise.all([sign(house, icog, id), sign(house, icog, id), sign(house, union, id)])

    t.same(answers.map((answer) => answer.statusCode).sort(), [201, 201, 409])
    t.match(answers.find((answer) => answer.statusCode === 409)?.data.code, /already_signed/)
    const pact = await house.ask('GET', `/v1/pacts/${id}`, { token: icog.token })
    t.equal(pact.data.status, 'active')
    t.equal(pact.data.version, (await ledgerOf(house, id)).length, 'as many entries as versions')
  }
})

t.test('of a last signature and a withdrawal at once one wins', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  for (const purpose of ['exchange', 'strike_support', 'mutual_support']) {
    const id = await pactIn(house, 'signing', { purpose })
    done(await sign(house, icog, id))
    const { etag } = (await house.ask('GET', `/v1/pacts/${id}`, { token: icog.token })).headers
    const withdraw = { token: icog.token, headers: { 'if-match': String(etag) }, body: { move: 'withdraw' } }

    const [signed, withdrawn] = await Promise.all([
      sign(house, union, id),
      house.ask('POST', `/v1/pacts/${id}/transitions`, withdraw),
    ])

    const won = signed.statusCode === 201
    t.equal(withdrawn.statusCode, won ? 412 : 200)
    t.equal(signed.statusCode, won ? 201 : 409)
    const pact = await house.ask('GET', `/v1/pacts/${id}`, { token: icog.token })
    t.equal(pact.data.status, won ? 'active' : 'withdrawn')
  }
})

t.test('only a person with the power to sign signs, and only while the mandate lives', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  const id = await pactIn(house, 'signing')
  const negotiator = await seat(house, icog, { office: 'delegate', powers: ['negotiate'] })
  const signer = await seat(house, icog, { office: 'delegate', powers: ['sign'] })
  const body = {
    label: 'archive',
    scopes: ['pacts:read', 'pacts:write'],
    organisationId: icog.id,
    powers: ['negotiate'],
  }
  const client = done(await house.ask('POST', '/v1/tokens', { token: icog.token, body })).data.secret
  const text = await textOf(house, icog, id)
  const signBy = (token: string) => house.ask('POST', `/v1/pacts/${id}/signatures`, { token, body: text })

  t.equal((await signBy(negotiator.token)).statusCode, 403)
  t.equal((await signBy(client)).statusCode, 403)
  t.equal((await signBy(house.stranger.token)).statusCode, 404)
  const recall = { token: icog.token, body: { move: 'recall' } }
  const [recalled, signed] = await Promise.all([
    house.askFresh('POST', `/v1/mandates/${signer.mandateId}/transitions`, recall),
    signBy(signer.token),
  ])
  t.equal(recalled.statusCode, 200, recalled.body)
  t.match(String(signed.statusCode), /^(201|403|404)$/, 'either before the recall, or not at all')
  t.match(String((await signBy(signer.token)).statusCode), /^40[34]$/)
  t.equal((await sign(house, union, id)).statusCode, 201)
})

t.test('what is not accepted by all is not signed, nor another text', async (t) => {
  const house = await world(t)
  const { icog } = house
  const open = await pactIn(house, 'negotiating')
  const early = await sign(house, icog, open)
  t.equal(early.statusCode, 409)
  t.match(early.data, { code: 'move_not_allowed', currentStatus: 'negotiating' })

  const id = await pactIn(house, 'signing', { purpose: 'exchange' })
  const text = await textOf(house, icog, id)
  const other = await textOf(house, icog, open)
  const put = (body: object) => house.ask('POST', `/v1/pacts/${id}/signatures`, { token: icog.token, body })
  const refused = await put({ ...text, contentDigest: '0'.repeat(64) })
  t.equal(refused.statusCode, 409)
  t.equal(refused.data.code, 'proposal_superseded')
  t.ok(refused.data.detail.includes(text.contentDigest))
  const foreign = await put(other)
  t.equal(foreign.statusCode, 422)
  t.match(foreign.data.errors, [{ pointer: '/proposalId', code: 'unknown_proposal' }])
})

t.test(
  'signatures of a pact that was withdrawn or has lapsed are void; of one that has expired they are not',
  async (t) => {
    const house = await world(t)
    const { icog, union } = house
    const withdrawn = await pactIn(house, 'signing')
    done(await sign(house, icog, withdrawn))
    done(await move(house, icog, withdrawn, 'withdraw'))
    const lapsed = await pactIn(house, 'signing', { purpose: 'strike_support' })
    done(await sign(house, union, lapsed))
    house.travelTo(instantAfter(house, 31))
    await house.run(pactLapse)
    house.travelTo(instantAfter(house, -31))
    const expired = await pactIn(house, 'expired', { purpose: 'exchange' })
    const read = (path: string) => house.ask('GET', `/v1/pacts/${path}`, { token: icog.token })

    for (const [id, isVoid, status] of [
      [withdrawn, [true], 'withdrawn'],
      [lapsed, [true], 'lapsed'],
      [expired, [false, false], 'expired'],
    ] as const) {
      const voids = (await read(`${id}/signatures`)).data.data.map((one: any) => one.void)
      t.same(voids, isVoid, status)
      const verified = (await read(`${id}/verification`)).data
      t.match(verified, { pactStatus: status, holds: true })
      const { exitCode, output } = await verifyOffline(t, house, verified)
      t.equal(exitCode, 0, output)
      const note = isVoid[0] ? `is ${status}: it binds nobody` : 'is expired: it was in force'
      t.ok(output.includes(`note   By the word of the service, the pact ${note}`), output)
    }
  },
)

t.test('what a retired key has signed is verified by it, here and offline', async (t) => {
  const [retired, present] = [makeSigningKey(), makeSigningKey()]
  const folder = t.testdir({ 'retired.pem': retired, 'notes.txt': 'Kept since the move of the server.' })
  const before = await world(t, { signer: openSigner(retired) })
  const id = await pactIn(before, 'active')
  const { receipt } = (await before.ask('GET', `/v1/pacts/${id}/signatures`, { token: before.icog.token }))
    .data.data[0]
  const signer = openSigner(present, await loadRetiredKeys(folder))
  const house = await world(t, { signer })
  const fresh = await pactIn(house, 'active')
  const { data } = await house.ask('GET', '/.well-known/jwks.json')

  t.same(
    data.keys.map((key: any) => key.kid),
    [signer.keyId, openSigner(retired).keyId],
  )
  t.same(verifyReceipt(receipt, { keys: data.keys }), { ok: true })
  const kept = (await before.ask('GET', `/v1/pacts/${id}/verification`, { token: before.icog.token })).data
  t.equal((await verifyOffline(t, house, kept)).exitCode, 0, 'the new keys verify the old pact')
  const verified = (await house.ask('GET', `/v1/pacts/${fresh}/verification`, { token: house.icog.token }))
    .data
  t.equal((await verifyOffline(t, before, verified)).exitCode, 1, 'the old keys do not know of the new one')
})

t.test('after the deadline nobody signs, even before the job has come by', async (t) => {
  const house = await world(t)
  const id = await pactIn(house, 'negotiating', { terms: { answerBy: '2026-03-03T10:00:00Z' } })
  done(await respond(house, house.union, id, 'accept'))
  // The tokens of this world live as long as the deadline is away; a fresh one outlives it.
  house.travelTo(instantAfter(house, 29))
  const body = { label: 'new phone', scopes: ['pacts:read', 'pacts:write'] }
  const token = done(await house.ask('POST', '/v1/tokens', { token: house.icog.token, body })).data.secret
  house.travelTo(instantAfter(house, 2))

  const late = await sign(house, { token }, id)

  t.equal(late.statusCode, 409)
  t.equal(late.data.code, 'signed_too_late')
})

t.test('who signs too early is told so in their own words, and what is open to them', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  const id = await pactIn(house, 'negotiating')

  const guest = await sign(house, union, id)
  const proposer = await sign(house, icog, id)

  t.match(guest.data, {
    code: 'move_not_allowed',
    detail:
      'A signature is not possible while the status is "negotiating". No move is open to you now; read it again later.',
    allowedMoves: [],
  })
  t.match(proposer.data.detail, /The moves that are open to you now: decline, withdraw\.$/)
})

t.test('reopening voids the signatures, and a new proposal is needed', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  const id = await pactIn(house, 'signing')
  done(await sign(house, icog, id))

  const reopened = done(await move(house, union, id, 'reopen'))

  t.match(reopened.data, { status: 'negotiating', proposal: null, signBy: null })
  t.notOk(reopened.data.parties.some((party: any) => party.signed || party.acceptedCurrent))
  t.match((await ledgerOf(house, id)).at(-1), { type: 'pact.reopened', mandate_id: union.mandateId })
  const list = await house.ask('GET', `/v1/pacts/${id}/signatures`, { token: icog.token })
  t.match(list.data, { data: [{ party: { id: icog.id }, void: true }], nextCursor: null })
  await propose(house, union, id)
  done(await respond(house, icog, id, 'accept'))
  done(await sign(house, icog, id))
  done(await sign(house, union, id))
  const after = await house.ask('GET', `/v1/pacts/${id}/signatures`, { token: icog.token })
  t.same(
    after.data.data.map((signature: any) => signature.void),
    [true, false, false],
  )
  const verified = await house.ask('GET', `/v1/pacts/${id}/verification`, { token: icog.token })
  t.match(verified.data, { complete: true, holds: true })
  t.equal(verified.data.signatures.length, 2)
})

t.test('the verification proves the text and the receipts, offline too', async (t) => {
  const house = await world(t)
  const id = await pactIn(house, 'active')
  const proposal = await house.ask('GET', `/v1/pacts/${id}/proposals`, { token: house.union.token })

  const verified = await house.ask('GET', `/v1/pacts/${id}/verification`, { token: house.union.token })

  t.match(verified.data, { pactId: id, complete: true, holds: true, proposal: { holds: true } })
  t.same(verified.data.proposal.content, proposal.data.data[0].content)
  const { exitCode, output } = await verifyOffline(t, house, verified.data, proposal.data.data[0])
  t.equal(exitCode, 0, output)
  t.match(output, /holds {2}The text has the digest that is stated/)
  t.match(output, /holds {2}Your own copy has the same text/)
  t.match(output, /holds {2}Signatures: 2\. By the word of the service, every party has signed/)
})

t.test(
  'a pact that is still being signed verifies as far as it goes; a draft has nothing to verify',
  async (t) => {
    const house = await world(t)
    const { icog } = house
    const id = await pactIn(house, 'signing')
    done(await sign(house, icog, id))

    const verified = await house.ask('GET', `/v1/pacts/${id}/verification`, { token: icog.token })
    t.match(verified.data, { complete: false, holds: true })
    const draft = await pactIn(house, 'draft', { purpose: 'exchange' })
    const nothing = await house.ask('GET', `/v1/pacts/${draft}/verification`, { token: icog.token })
    t.equal(nothing.statusCode, 404)
    t.equal(nothing.data.code, 'proposal_not_found')
  },
)

t.test('a text that was changed behind the service’s back fails, here and offline', async (t) => {
  const house = await world(t)
  const id = await pactIn(house, 'active')
  const { proposalId } = await textOf(house, house.icog, id)
  await behindItsBack(house, 'proposals', [
    `update proposals set content = jsonb_set(content, '{noticeDays}', '1') where id = '${proposalId}'`,
  ])

  const verified = await house.ask('GET', `/v1/pacts/${id}/verification`, { token: house.union.token })

  t.match(verified.data, {
    holds: false,
    proposal: { holds: false },
    signatures: [{ holds: false }, { holds: false }],
  })
  const { exitCode, output } = await verifyOffline(t, house, verified.data)
  t.equal(exitCode, 1)
  t.match(output, /FAULT {2}The text was changed/)
})

t.test('a signature that was moved to another organisation or time fails', async (t) => {
  const house = await world(t)
  const id = await pactIn(house, 'active')
  await behindItsBack(house, 'signatures', [
    `update signatures set signed_at = signed_at + interval '1 day' where organisation_id = '${house.icog.id}'`,
    `update signatures set receipt = jsonb_set(receipt, '{payload,mandateId}', '"${house.icog.mandateId}"')
      where organisation_id = '${house.union.id}'`,
  ])

  const verified = await house.ask('GET', `/v1/pacts/${id}/verification`, { token: house.union.token })

  t.match(verified.data, {
    holds: false,
    proposal: { holds: true },
    signatures: [{ holds: false }, { holds: false }],
  })
  const { exitCode, output } = await verifyOffline(t, house, verified.data)
  t.equal(exitCode, 1)
  t.match(output, /the receipt names another time/)
  t.match(output, /the receipt was changed after it was signed/)
})

t.test('the database lets nobody edit or delete a signature', async (t) => {
  const house = await world(t)
  await pactIn(house, 'active')
  const run = (statement: string) => house.database.transaction((tx) => tx.$client.query(statement))

  await t.rejects(run('update signatures set signed_at = now()'), /append-only/)
  await t.rejects(run('delete from signatures'), /append-only/)
  await t.rejects(run('truncate signatures'), /append-only/)
})

/** As someone with the rights of the tables' owner could. */
async function behindItsBack({ database }: World, table: string, statements: string[]): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.$client.query(`alter table ${table} disable trigger user`)
    for (const statement of statements) await tx.$client.query(statement)
    await tx.$client.query(`alter table ${table} enable trigger user`)
  })
}

async function verifyOffline(t: Test, house: World, verification: object, proposal?: object) {
  const jwks = await house.ask('GET', '/.well-known/jwks.json')
  const folder = t.testdir()
  const files = { verification, jwks: jwks.data, ...(proposal && { proposal }) }
  const paths: string[] = []
  for (const [name, content] of Object.entries(files)) {
    paths.push(path.join(folder, `${name}.json`))
    await writeFile(path.join(folder, `${name}.json`), JSON.stringify(content))
  }
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...paths])
    return { exitCode: 0, output: stdout }
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string }
    return { exitCode: code, output: stdout }
  }
}
