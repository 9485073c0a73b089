import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { pactLapse } from '../../src/pacts/jobs.ts'
import {
  loadRetiredKeys,
  makeSigningKey,
  openSigner,
  verifyReceipt,
} from '../../src/platform/ledger/receipts.ts'
import { asOwner } from '../databases.ts'
import { done, instantAfter, move, pactIn, sign, textOf, world, type World } from '../fixtures/world.ts'

const script = fileURLToPath(new URL('../../scripts/verify-pact.ts', import.meta.url))

t.test(
  'signatures are void after a withdrawal or a lapse of the pact, but not after its expiry',
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

t.test('a receipt of a retired signing key still verifies, in the service and offline', async (t) => {
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

t.test('the verification of a pact proves its text and its receipts, also offline', async (t) => {
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

t.test('a pact in signing verifies the signatures so far, and a draft has nothing to verify', async (t) => {
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
})

t.test(
  'a pact text that was changed in the database fails verification, in the service and offline',
  async (t) => {
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
  },
)

t.test(
  'a signature that was moved to another organisation or time in the database fails verification',
  async (t) => {
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
  },
)

/** Changes a row with the rights of the tables' owner. */
async function behindItsBack({ ownerUrl }: World, table: string, statements: string[]): Promise<void> {
  const [off, on] = ['disable', 'enable'].map((how) => `alter table ${table} ${how} trigger user`)
  await asOwner(ownerUrl, [off, ...statements, on].join(';\n'))
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
