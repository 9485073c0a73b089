/** The root key, which wraps all others: from the settings, from a systemd credential, or from a file of our own. */
import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { startFailure } from '../failures.ts'
import { fingerprintOf, keyBytes, newKey } from './cipher.ts'

export type Root = { readonly key: Buffer; readonly fingerprint: string }
/** The current root key, and the previous one while keys are being wrapped again. */
export type Roots = { readonly current: Root; readonly previous?: Root }

/** The settings that name the root keys. */
type Given = {
  readonly rootKey: string | undefined
  readonly rootKeyPrevious: string | undefined
  readonly databaseUrl: string | undefined
  readonly dataFolder: string
}

/**
 * With the embedded database, the first start creates a root key in a file beside the database's folder. With a given
 * database it must be given too. Throws a start failure.
 */
export async function loadRoots({
  rootKey,
  rootKeyPrevious,
  databaseUrl,
  dataFolder,
}: Given): Promise<Roots> {
  const own = databaseUrl === undefined ? path.join(dataFolder, 'keys', 'root.key') : undefined
  const text = rootKey ?? (own === undefined ? undefined : await loadOrMake(own))
  if (text === undefined) {
    throw startFailure(
      'ROOT_KEY is missing: private values are encrypted with it. Make one with openssl rand -hex 32, keep a copy of it ' +
        'apart from all backups of the databases, and give it as ROOT_KEY, ROOT_KEY_FILE or the systemd credential root_key.',
    )
  }
  const current = rootOf(text, own ?? 'ROOT_KEY')
  return rootKeyPrevious ? { current, previous: rootOf(rootKeyPrevious, 'ROOT_KEY_PREVIOUS') } : { current }
}

export function rootOf(text: string, source: string): Root {
  const key = Buffer.from(text.trim(), 'hex')
  if (key.length !== keyBytes) throw startFailure(`${source} must hold 64 hexadecimal digits.`)
  return { key, fingerprint: fingerprintOf(key) }
}

/** Processes that start together agree on one key: only one of them can create its file. */
async function loadOrMake(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') {
      throw startFailure(`The root key in ${file} cannot be read.`, error)
    }
  }
  const folder = path.dirname(file)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomUUID()}`
  try {
    await writeDurably(draft, `${newKey().toString('hex')}\n`)
    await link(draft, file).catch((error: { code?: string }) => {
      if (error.code !== 'EEXIST') throw startFailure(`No root key can be made in ${file}.`, error)
    })
  } finally {
    await rm(draft, { force: true })
  }
  return readFile(file, 'utf8')
}

// Without the key everything that it encrypts is lost, so it must survive a power cut.
async function writeDurably(file: string, text: string): Promise<void> {
  const opened = await open(file, 'wx', 0o600)
  try {
    await opened.writeFile(text)
    await opened.sync()
  } finally {
    await opened.close()
  }
}
