/**
 * `npm run test:guards [-- pattern of names]` removes each guard in a copy of the tree and runs the tests that should fail.
 * Prints the test that failed for each, and a table at the end. Exits with an error if no test failed for a guard.
 */
import { spawn, execFileSync } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { provisionOwnDatabase } from '../../src/provision-database.ts'
import { startEmbedded } from '../../src/platform/embedded/embedded.ts'
import { guardsOfCode, guardsOfDatabase, withoutPolicies, type Mutation } from './mutations.ts'

const root = path.resolve(import.meta.dirname, '../..')
const [asked = ''] = process.argv.slice(2)
const folder = await mkdtemp(path.join(tmpdir(), 'solidarity-pact-guards-'))
// PostgreSQL needs a separate account if we are root.
await chmod(folder, 0o711)
const server = await startEmbedded({ dataFolder: folder, fast: true })
try {
  process.exitCode = await tryAll()
} finally {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
}

type Verdict = { mutation: Mutation; caughtBy: string | undefined }

async function tryAll(): Promise<number> {
  const all = [...(await guardsOfDatabase(await migrated())), ...(await guardsOfCode())]
  const mutations = all.filter(({ name }) => new RegExp(asked, 'i').test(name))
  // One more than there are cores, because half of a test's time is spent waiting for PostgreSQL.
  const workers = availableParallelism() + 1
  const copies = await Promise.all(Array.from({ length: workers }, (_, i) => copyOfProject(i)))
  const intact = { name: 'nothing is taken away', sql: withoutPolicies, tests: ['test/access.test.ts'] }
  const [first] = copies
  const failing = first && (await caughtBy(first, intact))
  if (failing) throw new Error(`The tests fail although every guard stands: ${failing}`)
  const waiting = mutations.values()
  const verdicts: Verdict[] = []
  await Promise.all(
    copies.map(async (copy) => {
      for (const mutation of waiting)
        verdicts.push(
          tell(
            { mutation, caughtBy: await caughtBy(copy, mutation) },
            `${verdicts.length + 1}/${mutations.length}`,
          ),
        )
    }),
  )
  console.log('\n| guard | the test that caught it |\n|---|---|')
  for (const { mutation, caughtBy: test } of verdicts)
    console.log(`| ${mutation.name} | ${test ?? 'UNSEEN'} |`)
  const unseen = verdicts.filter((verdict) => verdict.caughtBy === undefined)
  console.log(
    `\n${verdicts.length - unseen.length} of ${verdicts.length} guards are missed by a test when they are gone.`,
  )
  for (const { mutation } of unseen) console.log(`UNSEEN: ${mutation.name}`)
  return unseen.length === 0 ? 0 : 1
}

function tell(verdict: Verdict, progress: string): Verdict {
  console.log(`${progress.padEnd(8)} ${verdict.mutation.name.padEnd(72)} ${verdict.caughtBy ?? 'UNSEEN'}`)
  return verdict
}

async function migrated(): Promise<pg.Client> {
  await provisionOwnDatabase(server.url)
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  const stop = server.stop
  server.stop = async () => {
    await client.end()
    await stop()
  }
  return client
}

async function copyOfProject(number: number): Promise<string> {
  const copy = path.join(folder, `copy-${number}`)
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  for (const file of files.split('\n').filter(Boolean)) {
    await mkdir(path.dirname(path.join(copy, file)), { recursive: true })
    await cp(path.join(root, file), path.join(copy, file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
  }
  await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'))
  return copy
}

/** Returns the first test that fails without the guard; undefined if all pass or none could run. */
async function caughtBy(
  copy: string,
  { name, change, sql, tests, likely = [], operation }: Mutation,
): Promise<string | undefined> {
  const file = change && path.join(copy, change.file)
  const before = file && (await readFile(file, 'utf8'))
  if (file) await writeFile(file, change.text)
  try {
    const environment = {
      TEST_DATABASE_URL: server.url,
      // Unchanged files are compiled once for all guards.
      NODE_COMPILE_CACHE: path.join(folder, 'compiled'),
      TEST_TEMPLATE_SQL: sql ?? '',
      ACCESS_ONLY: operation ?? '',
    }
    for (const some of [likely, tests]) {
      const noticed = some.length > 0 ? await noticedBy(copy, some, environment, name) : undefined
      if (noticed !== undefined) return noticed
    }
    return undefined
  } finally {
    if (file && before !== undefined) await writeFile(file, before)
  }
}

async function noticedBy(
  copy: string,
  tests: readonly string[],
  environment: Record<string, string>,
  name: string,
): Promise<string | undefined> {
  const { exitCode, output } = await run(copy, tests, environment)
  if (exitCode === 0) return undefined
  const noticed = /^ *(?:not ok (?:\d+ )?-|Bail out!) (.*?)(?: # time.*)?$/m.exec(output)?.[1]?.slice(0, 90)
  if (noticed === undefined) console.log(`The tests do not run without: ${name}`)
  return noticed
}

function run(cwd: string, tests: readonly string[], environment: Record<string, string>) {
  const child = spawn(process.execPath, ['test/run.ts', '--bail', ...tests], {
    cwd,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  return new Promise<{ exitCode: number | null; output: string }>((resolve) => {
    child.once('close', (exitCode) => resolve({ exitCode, output }))
  })
}
