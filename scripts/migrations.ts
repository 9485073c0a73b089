/**
 * `npm run migrations -- name` writes the SQL that updates the database to the tables in src.
 * `--check` fails if there is anything to write: a table was changed without a migration.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const [argument = ''] = process.argv.slice(2)

if (argument === '--check') process.exitCode = check()
else if (argument === '') {
  console.error('Say what the migration does: npm run migrations -- pact_amendments')
  process.exitCode = 1
} else process.exitCode = generate('migrations', argument)

/** Generates into a copy, so that a check does not change the tree. */
function check(): number {
  const copy = mkdtempSync(path.join(root, '.migrations-check-'))
  try {
    cpSync(path.join(root, 'migrations'), copy, { recursive: true })
    const before = readdirSync(copy).length
    const status = generate(path.basename(copy), 'unwritten', 'ignore')
    if (status !== 0 || readdirSync(copy).length === before) return status
    console.error('The tables in src differ from the migrations. Write one: npm run migrations -- <name>')
    return 1
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

function generate(folder: string, name: string, output: 'inherit' | 'ignore' = 'inherit'): number {
  const tool = path.join(root, 'node_modules/drizzle-kit/bin.cjs')
  const run = spawnSync(process.execPath, [tool, 'generate', `--name=${name}`], {
    cwd: root,
    stdio: ['inherit', output, 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, MIGRATIONS_FOLDER: `./${folder}` },
  })
  // drizzle-kit exits with 0 even if it cannot load the tables.
  if (run.stderr === '') return run.status ?? 1
  console.error(run.stderr)
  return 1
}
