import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { chown, mkdir, readFile, realpath, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import {
  type Account,
  accountForPostgres,
  makeSharedFolder,
  canReach,
  allowTraversal,
  requireReachable,
} from './account.ts'
import { type Binaries, embeddedBinaries } from './binaries.ts'
import { startFailure } from '../failures.ts'

const run = promisify(execFile)
export const clusterUser = 'postgres'

const initialSettings = [
  `--username=${clusterUser}`,
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--lc-messages=C',
  '--no-instructions',
  // Sorts by code point, the same on every machine. pg_trgm still asks the C library what a letter is.
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  `--locale=${process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8'}`,
]

/** The files of one PostgreSQL server, and what is needed to run it. */
export type Cluster = {
  dataFolder: string
  home: string
  folder: string
  binaries: Binaries
  account: Account | undefined
  password: string
}

/** Finds the cluster in the data folder, or creates it at the first start. */
export async function openCluster(dataFolder: string, fast: boolean): Promise<Cluster> {
  const account = await accountForPostgres()
  const binaries = await embeddedBinaries(account)
  await makeDataFolder(dataFolder, account)

  const place = path.join(dataFolder, 'postgres')
  const stored = await readOptional(path.join(place, 'password'))
  const password = stored ?? (await initialise(place, { binaries, account, fast }))
  const home = await realpath(place)
  const folder = path.join(home, 'cluster')
  await requireReachable(folder, account)
  await requireSameMajor(folder, binaries)
  return { dataFolder, home, folder, binaries, account, password }
}

async function makeDataFolder(dataFolder: string, account: Account | undefined): Promise<void> {
  try {
    await makeFolders(dataFolder)
    await allowTraversal(dataFolder, account)
  } catch (error) {
    const sentence = `The data folder ${dataFolder} cannot be made or opened; set DATA_FOLDER to one that can.`
    throw startFailure(sentence, error)
  }
}

/**
 * Creates one folder after another: Node's `recursive` never returns where the system answers ENOENT, as /proc does.
 */
async function makeFolders(folder: string): Promise<void> {
  if (await isFolder(folder)) return
  await makeFolders(path.dirname(folder))
  await mkdir(folder).catch(async (error: unknown) => {
    if (!(await isFolder(folder))) throw error
  })
}

const isFolder = (place: string): Promise<boolean> =>
  stat(place).then(
    (found) => found.isDirectory(),
    () => false,
  )

/**
 * Creates the cluster aside and moves it into place when it is complete, so that an interrupted start leaves no
 * partial cluster. Returns the new password.
 */
async function initialise(
  place: string,
  { binaries, account, fast }: Pick<Cluster, 'binaries' | 'account'> & { fast: boolean },
): Promise<string> {
  const mayStay = await canReach(path.dirname(place), account)
  // In the same turn as the registration of its removal: a signal may follow at once.
  const draft = mayStay ? mkdtempSync(`${place}.new-`) : await makeSharedFolder('data')
  const removeAtExit = () => removeForGood(draft)
  process.once('exit', removeAtExit)
  const password = randomBytes(24).toString('hex')
  const passwordFile = path.join(draft, 'password')
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (account) await Promise.all([draft, passwordFile].map((made) => chown(made, account.uid, account.gid)))
  try {
    const own = [`--pgdata=${path.join(draft, 'cluster')}`, `--pwfile=${passwordFile}`]
    const speed = fast ? ['--no-sync'] : []
    await run(binaries.initdb, [...initialSettings, ...own, ...speed], asAccount(account))
    await (mayStay ? rename(draft, place) : symlink(draft, place))
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw startFailure(
      `PostgreSQL could not make its files in ${place}: ${lastLine(errorOutput(error))}`,
      error,
    )
  } finally {
    process.off('exit', removeAtExit)
  }
  return password
}

const removalAttempts = 100
const removalPauseMs = 50

/**
 * For the exit of the process, which cannot await. initdb may still be writing and create again what was removed, so
 * this repeats until the folder is missing twice in a row.
 */
function removeForGood(folder: string): void {
  const sleeper = new Int32Array(new SharedArrayBuffer(4))
  for (let attempt = 0, absences = 0; attempt < removalAttempts && absences < 2; attempt++) {
    absences = existsSync(folder) ? 0 : absences + 1
    try {
      rmSync(folder, { recursive: true, force: true })
    } catch {
      // Something wrote into it meanwhile.
    }
    Atomics.wait(sleeper, 0, 0, removalPauseMs)
  }
}

async function requireSameMajor(folder: string, binaries: Binaries): Promise<void> {
  const [stored, version] = await Promise.all([
    readOptional(path.join(folder, 'PG_VERSION')),
    run(binaries.postgres, ['--version']).then(
      ({ stdout }) => stdout,
      (error: unknown) => {
        throw startFailure(
          'The embedded PostgreSQL does not run on this system; set DATABASE_URL to a PostgreSQL server.',
          error,
        )
      },
    ),
  ])
  const major = /(\d+)/.exec(version)?.[1]
  if (stored?.trim() === major) return
  throw startFailure(
    `The data folder ${folder} was made by PostgreSQL ${stored?.trim() ?? '(unknown)'} and the embedded one is ` +
      `${major}; move its content by a dump of the old one, or set DATA_FOLDER to a new folder.`,
  )
}

/** Options for starting every program of PostgreSQL. */
export function asAccount(account: Account | undefined) {
  // Without our environment, which may contain secrets, and PG* settings for another server. Windows needs some of it
  // to start a program.
  const environment = process.platform === 'win32' ? {} : { env: { TZ: 'UTC', LC_MESSAGES: 'C' } }
  return { ...account, ...environment, cwd: path.parse(process.execPath).root }
}

/** The content of a file, undefined when there is none. */
export async function readOptional(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EACCES') return undefined
    throw startFailure(
      `${file} belongs to another account; start this service as that one, or set another DATA_FOLDER.`,
    )
  })
}

function errorOutput(error: unknown): string {
  return (error as { stderr?: string }).stderr ?? String(error)
}

export function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? ''
}
