/** A commit in a folder of its own: its code, its dependencies, its own database with its own seed. */
import { execFile } from 'node:child_process'
import { chmod, glob, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { startFailure } from '../../src/platform/failures.ts'

const run = promisify(execFile)
const root = path.resolve(import.meta.dirname, '../..')
/** What is compared reads organisations by the tokens of delegates, and nothing else. */
const neededSteps = ['1-organisations', '2-people']
const rowsOfSeed = '100000'
const outputBytesMax = 1e8

export type Checkout = { commit: string; folder: string; dataFolder: string }

export async function checkOut(commit: string, parent: string, rows: number): Promise<Checkout> {
  const { stdout } = await run('git', ['rev-parse', '--short', `${commit}^{commit}`], { cwd: root })
  const folder = path.join(parent, stdout.trim())
  await run('git', ['worktree', 'add', '--detach', folder, commit], { cwd: root })
  // The embedded PostgreSQL has an account of its own, which must reach its files.
  await chmod(folder, 0o711)
  await installDependencies(folder)
  await shrinkSeed(folder, rows)
  await run(process.execPath, ['bench/seed.ts'], { cwd: folder, env: environment, maxBuffer: outputBytesMax })
  return { commit: stdout.trim(), folder, dataFolder: path.join(folder, 'data/bench') }
}

export async function removeCheckout({ folder }: Checkout): Promise<void> {
  await run('git', ['worktree', 'remove', '--force', folder], { cwd: root })
}

/** Nothing of the caller's environment: it could name another database. */
const environment = { PATH: process.env['PATH'], HOME: process.env['HOME'] }

/** Folders by the text of their lock file: equal ones share what is installed. */
const installed = new Map<string, string>()

async function installDependencies(folder: string): Promise<void> {
  const lockOf = (where: string) => readFile(path.join(where, 'package-lock.json'), 'utf8')
  if (installed.size === 0) installed.set(await lockOf(root), root)
  const lock = await lockOf(folder)
  const existing = installed.get(lock)
  if (existing !== undefined)
    return symlink(path.join(existing, 'node_modules'), path.join(folder, 'node_modules'))
  const options = ['--omit=dev', '--prefer-offline', '--no-audit', '--no-fund']
  await run('npm', ['ci', ...options], { cwd: folder, maxBuffer: outputBytesMax })
  installed.set(lock, folder)
}

/** The form of the seed has changed once, so each edit may fit one of several files, and must fit at least one. */
async function shrinkSeed(folder: string, rows: number): Promise<void> {
  const steps = `const steps = ${JSON.stringify(neededSteps)}`
  await edit(folder, ['seed.ts', 'seeding.ts'], (text) =>
    text.replace(/const steps = (\[.*?\]|Object\.keys\(\w+\))/s, steps),
  )
  const scripts = ['0-functions', ...neededSteps].map((step) => `seed/${step}.sql`)
  await edit(folder, scripts, (sql) => sql.replaceAll(rowsOfSeed, String(rows)))
}

async function edit(
  folder: string,
  names: readonly string[],
  change: (text: string) => string,
): Promise<void> {
  let changed = 0
  for (const name of names) {
    const file = path.join(folder, 'bench', name)
    const before = await readFile(file, 'utf8').catch(() => '')
    const after = change(before)
    if (after === before) continue
    await writeFile(file, after)
    changed++
  }
  if (changed === 0)
    throw startFailure(`${names.join(' and ')} have another form than bench/compare expects.`)
}

/** The main process of the embedded PostgreSQL, while it runs. */
export async function embeddedPid({ dataFolder }: Checkout): Promise<number> {
  for await (const file of glob('**/postmaster.pid', { cwd: dataFolder })) {
    return Number((await readFile(path.join(dataFolder, file), 'utf8')).split('\n')[0])
  }
  return NaN
}

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true })
