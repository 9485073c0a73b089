/** Writes the table of settings into the README; with --check, only says whether it is up to date. */
import { readFile, writeFile } from 'node:fs/promises'
import { settingsTable } from '../src/platform/start/settings.ts'

const readme = new URL('../README.md', import.meta.url)
const place = /(<!-- settings[^>]*-->\n)[^]*(<!-- \/settings -->)/

const written = await readFile(readme, 'utf8')
const upToDate = written.replace(
  place,
  (_, start: string, end: string) => `${start}\n${settingsTable()}\n\n${end}`,
)

if (!process.argv.includes('--check')) await writeFile(readme, upToDate)
else if (written !== upToDate || !place.test(written)) {
  console.error(
    'The settings in README.md are not those of src/platform/start/settings.ts; run node scripts/settings.ts.',
  )
  process.exitCode = 1
}
