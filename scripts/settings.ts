/** Writes the table of settings into docs/operations.md; with --check, only says whether it is up to date. */
import { readFile, writeFile } from 'node:fs/promises'
import { settingsTable } from '../src/platform/start/settings.ts'

const guide = new URL('../docs/operations.md', import.meta.url)
const place = /(<!-- settings[^>]*-->\n)[^]*(<!-- \/settings -->)/

const written = await readFile(guide, 'utf8')
const upToDate = written.replace(
  place,
  (_, start: string, end: string) => `${start}\n${settingsTable()}\n\n${end}`,
)

if (!process.argv.includes('--check')) await writeFile(guide, upToDate)
else if (written !== upToDate || !place.test(written)) {
  console.error(
    'The settings in docs/operations.md are not those of src/platform/start/settings.ts; run node scripts/settings.ts.',
  )
  process.exitCode = 1
}
