/** Data folders in which a service has run before. Making the first one takes two seconds of processor time. */
import { execFile } from 'node:child_process'
import { mkdir, rename } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { askAgainMs, dataFolder, startService } from './service.ts'

const run = promisify(execFile)
/** One for the whole run, whose processes share this folder and remove it at the end. */
const original = path.join(tmpdir(), 'used-data-folder')

/** For tests of what comes after the first start. */
export async function usedDataFolder(t: Test): Promise<string> {
  await makeOriginal(t)
  const folder = await dataFolder(t)
  // With the owner of each file: as root, PostgreSQL runs under an account of its own.
  await run('cp', ['-a', `${original}/.`, folder])
  return folder
}

/** By the process that is the first to make the folder beside it; the others wait for it. */
async function makeOriginal(t: Test): Promise<void> {
  const isFirst = await mkdir(`${original}.making`).then(
    () => true,
    () => false,
  )
  if (isFirst) {
    const folder = await dataFolder(t)
    const service = await startService(t, { DATA_FOLDER: folder })
    await service.prints('npm run story')
    service.signal('SIGTERM')
    t.equal(await service.ended, 0)
    await rename(folder, original)
  }
  // The time limit of the test ends it otherwise.
  while (!existsSync(original)) await pause(askAgainMs)
}
