/** `npm run cli -- keys …`: shows which root key wraps the keys, and rotates keys. */
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from './platform/clock.ts'
import type { Config } from './platform/start/config.ts'
import { startFailure } from './platform/failures.ts'
import type { Stuck } from './platform/vault/store.ts'
import { rotateRoot } from './platform/vault/root-key-rotation.ts'
import { openConfiguredVault, provisionKeys, type OpenedVault } from './open-vault.ts'

const commands: Readonly<Record<string, (opened: OpenedVault) => Promise<void>>> = {
  status: async ({ store, roots }) => {
    console.log(`Root key: ${roots.current.fingerprint}`)
    for (const { fingerprint, keys } of await store.byRoot())
      console.log(`Wrapped by ${fingerprint}: ${keys}`)
    for (const { startedAt, finishedAt, done, total } of await store.rotations()) {
      const end = finishedAt ? `ended ${finishedAt}` : 'in progress'
      console.log(`Rotation of ${startedAt}: ${done} of ${total}, ${end}`)
    }
    reportStuck(await store.stuck())
  },
  rotate: async ({ store }) => {
    const started = await store.startRotation(systemClock().toISOString())
    const [newest] = await store.rotations()
    console.log(
      started
        ? `A rotation of keys begins: ${newest?.total ?? 0} in total. A worker starts it within a minute.`
        : `No rotation was started: that of ${newest?.startedAt} is in progress, ${newest?.done} of ${newest?.total} done.`,
    )
    console.log(
      'npm run cli -- keys status shows its progress. When it has ended, this command starts the next one.',
    )
  },
  'rotate-root': async ({ store, roots }) => {
    if (!roots.previous)
      throw startFailure('Set ROOT_KEY to the new root key and ROOT_KEY_PREVIOUS to the old one.')
    const { count, stuck, stillMade } = await rotateRoot(store, roots, () =>
      pause(secondsBetweenLooks * 1000),
    )
    console.log(`${count} keys are wrapped by the new root key.`)
    for (const id of stuck) console.log(`Neither root key decrypts a key of ${id}; restore it from a backup.`)
    console.log(adviceAfter(stuck.length > 0, stillMade))
  },
}

const secondsBetweenLooks = 2

function adviceAfter(isStuck: boolean, stillMade: boolean): string {
  if (stillMade)
    return 'Keep ROOT_KEY_PREVIOUS: a process still runs with the old root key. Restart all processes, then run this command again.'
  if (isStuck) return 'Keep ROOT_KEY_PREVIOUS until the keys named above are restored.'
  return 'The old root key wraps no key any more. When every process runs with the new one, remove ROOT_KEY_PREVIOUS.'
}

/**
 * Reports values that do not decrypt. Their subjects keep their old keys until the values are written again or
 * removed. The next rotation tries them too.
 */
function reportStuck(stuck: readonly Stuck[]): void {
  if (stuck.length === 0) return
  const tables = [...new Set(stuck.map(({ table }) => table))].join(', ')
  console.log(`Stuck: ${stuck.length}, in ${tables}`)
  for (const { table, row, code } of stuck) console.log(`  ${table} ${row}: ${code}`)
}

/** `ownKeysUrl`: the key database in the embedded PostgreSQL. Throws a start failure. */
export async function keysCommand(
  config: Config,
  ownKeysUrl: string | undefined,
  [what = '']: string[],
): Promise<void> {
  const command = Object.hasOwn(commands, what) ? commands[what] : undefined
  if (!command) throw startFailure(`Usage: npm run cli -- keys ${Object.keys(commands).join(' | ')}`)
  const opened = await openConfiguredVault(config, await provisionKeys(config, ownKeysUrl))
  try {
    await command(opened)
  } finally {
    await opened.store.close()
  }
}
