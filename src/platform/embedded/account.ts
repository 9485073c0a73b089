import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { startFailure } from '../failures.ts'

const run = promisify(execFile)
const accountName = 'postgres'

/**
 * The account under which PostgreSQL runs when we are root, which PostgreSQL refuses. Undefined: it runs as
 * ourselves.
 */
export type Account = { uid: number; gid: number }

export async function accountForPostgres(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  return (await lookUp()) ?? (await create())
}

/**
 * PostgreSQL uses absolute paths, so its account must be able to enter every folder above its files. It cannot enter
 * root's home: what it needs from there is copied to, or stored in, this folder.
 */
export const sharedFolder = '/var/lib/solidarity-pact'

export async function canReach(folder: string, account: Account | undefined): Promise<boolean> {
  return account === undefined || (await firstUnreachableFolder(folder, account)) === undefined
}

export async function requireReachable(folder: string, account: Account | undefined): Promise<void> {
  const closed = account && (await firstUnreachableFolder(folder, account))
  if (!closed) return
  throw startFailure(
    `PostgreSQL, which runs under the account "${accountName}" when this service is started as root, cannot reach ` +
      `${folder} because ${closed} is closed to it; open that folder, or set DATA_FOLDER to one that others may ` +
      'pass through.',
  )
}

/** Creates a folder for the account in the shared folder. Returns its path. */
export async function makeSharedFolder(name: string): Promise<string> {
  try {
    await mkdir(sharedFolder, { recursive: true })
    await chmod(sharedFolder, 0o755)
    return await mkdtemp(path.join(sharedFolder, `${name}-`))
  } catch (error) {
    throw startFailure(
      `PostgreSQL cannot reach this folder when the service is started as root, and ${sharedFolder} cannot be made for ` +
        'it; start the service as an ordinary user, or set DATABASE_URL to a PostgreSQL server.',
      error,
    )
  }
}

/** Lets the account enter our own data folder, which a strict umask closed. Its content stays closed. */
export async function allowTraversal(folder: string, account: Account | undefined): Promise<void> {
  if (account) await chmod(folder, (await stat(folder)).mode | 0o011)
}

async function lookUp(): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', accountName]), run('id', ['-g', accountName])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return undefined
  }
}

async function create(): Promise<Account> {
  try {
    const closed = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin']
    await run('useradd', [...closed, accountName])
  } catch (error) {
    throw cannotRunAsRoot(error)
  }
  const account = await lookUp()
  if (!account) throw cannotRunAsRoot(undefined)
  return account
}

function cannotRunAsRoot(cause: unknown): Error {
  return startFailure(
    `PostgreSQL does not run as root and the account "${accountName}" could not be made for it; start the service ` +
      'as an ordinary user, or set DATABASE_URL to a PostgreSQL server.',
    cause,
  )
}

async function firstUnreachableFolder(folder: string, account: Account): Promise<string | undefined> {
  for (const ancestor of ancestorsOf(path.resolve(folder))) {
    const { mode, uid, gid } = await stat(ancestor)
    const passage = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
    if ((mode & passage) === 0) return ancestor
  }
  return undefined
}

function ancestorsOf(folder: string): string[] {
  const parent = path.dirname(folder)
  return parent === folder ? [folder] : [...ancestorsOf(parent), folder]
}
