/** `npm run cli -- keys …`: which root key wraps the keys, and new keys in place of the old ones. */
import { systemClock } from './platform/clock.ts'
import type { Config } from './platform/config.ts'
import { startFailure } from './platform/failures.ts'
import { rotateRoot } from './platform/vault/rotation.ts'
import { openTheVault, type OpenedVault } from './vault.ts'

const commands: Readonly<Record<string, (opened: OpenedVault) => Promise<void>>> = {
  status: async ({ store, roots }) => {
    console.log(`Root key: ${roots.current.fingerprint}`)
    for (const { fingerprint, keys } of await store.byRoot())
      console.log(`Wrapped by ${fingerprint}: ${keys}`)
    for (const { startedAt, finishedAt, done, total } of await store.rotations()) {
      const end = finishedAt ? `done ${finishedAt}` : 'under way'
      console.log(`Rotation of ${startedAt}: ${done} of ${total}, ${end}`)
    }
  },
  rotate: async ({ store }) => {
    await store.startRotation(systemClock().toISOString())
    console.log('The worker goes over all keys now; npm run cli -- keys status tells how far it is.')
  },
  'rotate-root': async ({ store, roots }) => {
    if (!roots.previous)
      throw startFailure('Set ROOT_KEY to the new root key and ROOT_KEY_PREVIOUS to the old one.')
    const count = await rotateRoot(store, roots)
    console.log(`${count} keys are wrapped by the new root key; ROOT_KEY_PREVIOUS is needed no longer.`)
  },
}

/** `ownKeysUrl`: the database of the keys in the embedded PostgreSQL. Throws a start failure. */
export async function keysCommand(
  config: Config,
  ownKeysUrl: string | undefined,
  [what = '']: string[],
): Promise<void> {
  const command = Object.hasOwn(commands, what) ? commands[what] : undefined
  if (!command) throw startFailure(`Usage: npm run cli -- keys ${Object.keys(commands).join(' | ')}`)
  const opened = await openTheVault(config, ownKeysUrl)
  try {
    await command(opened)
  } finally {
    await opened.store.close()
  }
}
