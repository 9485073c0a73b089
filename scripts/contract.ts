/** Writes openapi/*.json from the routes; with --check, fails if that would change them. */
import { readFile, writeFile } from 'node:fs/promises'
import { downgradeToOpenApi30 } from '../src/platform/contract/downgrade.ts'
import { generatedContract } from './generated-contract.ts'

const folder = new URL('../openapi/', import.meta.url)
const isCheck = process.argv.includes('--check')

const contract = await generatedContract()
const stale = [
  ...(await outdated('openapi.json', contract)),
  ...(await outdated('openapi-3.0.json', downgradeToOpenApi30(contract))),
]
if (!isCheck) for (const { file, text } of stale) await writeFile(file, text)
if (isCheck && stale.length > 0) {
  console.error('openapi/ is not what the routes say. Run `npm run contract` and commit what it writes.')
  process.exitCode = 1
}

async function outdated(name: string, document: object): Promise<{ file: URL; text: string }[]> {
  const file = new URL(name, folder)
  const text = `${JSON.stringify(document, null, 2)}\n`
  const committed = await readFile(file, 'utf8').catch(() => undefined)
  return text === committed ? [] : [{ file, text }]
}
