import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { makeCheckpoint, verifyLedger } from '../../../src/platform/ledger/checkpoints.ts'
import { hashOfEntry, leavesFrom, appendLeaves } from '../../../src/platform/ledger/leaves.ts'
import { makeSigningKey, openSigner } from '../../../src/platform/ledger/receipts.ts'
import { asOwner } from '../../databases.ts'
import { sealedLedger } from '../../fixtures/ledgers.ts'
import { registerUnion } from '../../fixtures/unions.ts'
import { openHouse } from '../../harness.ts'
import { command } from '../../start/service.ts'

/** A registration writes four entries: the union, its secretary, their mandate and their token. */
const entriesEach = 4

t.test('an unchanged ledger verifies, with the number of entries after the checkpoint', async (t) => {
  const { house, context, kept, leaves, verify } = await sealedLedger(t)
  t.same(await verify(), { fault: 'none', size: leaves.length, since: 0 })
  t.equal(kept.leaves.length, leaves.length)

  await registerUnion(house, { name: 'Later' })
  await appendLeaves(context)
  await appendLeaves(context)

  t.same(await verify(), { fault: 'none', size: leaves.length, since: entriesEach })
})

t.test('concurrent appending gives every entry one leaf and every leaf its own index', async (t) => {
  const { house, context } = await sealedLedger(t)
  await Promise.all([
    ...Array.from({ length: 6 }, (_, i) => registerUnion(house, { name: `Meanwhile ${i}` })),
    ...Array.from({ length: 6 }, () => appendLeaves(context)),
  ])
  await appendLeaves(context)

  const leaves = await leavesFrom(house.database.read, 0, 1000)
  const { rows } = await house.database.read.$client.query('select count(*)::int as n from ledger')
  t.same(
    leaves.map(({ index }) => index),
    leaves.map((_, i) => i),
  )
  t.same(rows, [{ n: leaves.length }])
  t.ok(leaves.every(({ entry }) => entry !== null))
})

t.test(
  'verification finds an edited, deleted, truncated, inserted or renumbered entry, and its place',
  async (t) => {
    const [at, last] = [5, 2 * entriesEach]
    const only = (index: number) => `entry_id = (select entry_id from ledger_leaves where index = ${index})`
    const entry = (index: number) => `id = (select entry_id from ledger_leaves where index = ${index})`

    for (const [how, statement, expected] of [
      [
        'edited',
        `update ledger set to_status = 'otherwise' where ${entry(at)}`,
        { fault: 'changed', index: at },
      ],
      [
        'edited by a microsecond',
        `update ledger set at = at - interval '1 ms' where ${entry(at)}`,
        { fault: 'changed', index: at },
      ],
      [
        'given to another',
        `update ledger set actor_id = gen_random_uuid() where ${entry(at)}`,
        { fault: 'changed', index: at },
      ],
      ['deleted', `delete from ledger where ${entry(at)}`, { fault: 'missing', index: at }],
      [
        'deleted with its leaf',
        `delete from ledger where ${entry(at)}; delete from ledger_leaves where index = ${at}`,
        { fault: 'truncated', index: at },
      ],
      [
        'the end cut off',
        `delete from ledger where ${entry(last)}; delete from ledger_leaves where ${only(last)}`,
        { fault: 'truncated', index: last },
      ],
      ['all of it', `delete from ledger; delete from ledger_leaves`, { fault: 'truncated', index: 0 }],
      [
        'planted in the past',
        `insert into ledger (id, at, transaction_id, type, object, subject_id, subject_version, actor_kind, request_id)
        values (gen_random_uuid(), '2020-01-01', '1', 'pact.signed', 'pact', gen_random_uuid(), 1, 'delegate', gen_random_uuid())`,
        { fault: 'planted' },
      ],
    ] as const) {
      const world = await sealedLedger(t, { unions: 2 })
      await world.tamper(statement)
      t.match(await world.verify(), expected, how)
    }
  },
)

t.test(
  'a checkpoint file kept elsewhere reveals leaves and checkpoints that were all recomputed',
  async (t) => {
    const { house, tamper, verify, signer, context } = await sealedLedger(t)
    const at = 3
    await tamper(
      `update ledger set to_status = 'otherwise' where id = (select entry_id from ledger_leaves where index = ${at})`,
    )
    const [leaf] = await leavesFrom(house.database.read, at, 1)
    if (!leaf?.entry) throw new Error('the entry is there')
    await tamper(
      `update ledger_leaves set hash = '\\x${hashOfEntry(leaf.entry).toString('hex')}' where index = ${at}`,
    )

    t.match(await verify(), { fault: 'changed', index: at, entryId: leaf.entryId })
    const anew = await makeCheckpoint(house.database.read, signer, context.now)
    t.match(
      await verifyLedger(house.database.read, anew, signer.keys, context.now),
      { fault: 'none' },
      'the new one knows of nothing',
    )
  },
)

t.test('a changed checkpoint, or one with another signature, fails verification', async (t) => {
  const { house, kept, signer, context } = await sealedLedger(t, { unions: 1 })
  const { read } = house.database
  const stranger = openSigner(makeSigningKey())
  const cut = { ...kept, leaves: kept.leaves.slice(1) }
  const { payload } = kept.checkpoint
  const enlarged = {
    ...kept,
    checkpoint: { ...kept.checkpoint, payload: { ...payload, size: payload.size + 1 } },
  }

  t.same(await verifyLedger(read, cut, signer.keys, context.now), { fault: 'file' })
  t.same(await verifyLedger(read, enlarged, signer.keys, context.now), { fault: 'signature' })
  t.same(
    await verifyLedger(read, await makeCheckpoint(read, stranger, context.now), signer.keys, context.now),
    {
      fault: 'signature',
    },
  )
})

t.test('the operator makes, stores and verifies a checkpoint with commands', async (t) => {
  const house = await openHouse(t)
  await registerUnion(house)
  const folder = await mkdtemp(path.join(tmpdir(), 'checkpoint-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const file = path.join(folder, 'kept.json')
  const settings = { DATABASE_URL: house.databaseUrl, DATA_FOLDER: folder }

  const made = await command(t, 'ledger checkpoint', settings)
  await writeFile(file, made.standardOutput)
  const good = await command(t, `ledger verify --checkpoint ${file}`, settings)
  await asOwner(
    house.ownerUrl,
    `set session_replication_role = 'replica'; update ledger set to_status = 'x' where position = 2`,
  )
  const bad = await command(t, `ledger verify --checkpoint ${file}`, settings)
  const none = await command(t, 'ledger verify --checkpoint /nowhere', settings)
  const unsaid = await command(t, 'ledger', settings)

  t.match([made.exitCode, good.exitCode], [0, 0])
  t.match(good.standardOutput, /matches the checkpoint: \d+ entries/)
  t.match([bad.exitCode, bad.sentence], [1, /was changed; the first bad index is 1\./])
  t.match([none.exitCode, none.sentence], [1, /does not contain a checkpoint/])
  t.match([unsaid.exitCode, unsaid.sentence], [1, /Use ledger checkpoint/])
})
