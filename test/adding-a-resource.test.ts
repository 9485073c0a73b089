/** docs/adding-a-resource.md walks through worksites. It must list all files that mention them, at most ten by hand. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'

const root = path.resolve(import.meta.dirname, '..')
const guide = readFileSync(path.join(root, 'docs/adding-a-resource.md'), 'utf8')
const folder = 'src/organisations/worksites/'
const byHandMax = 10
const generatedMax = 6

/** Prose about the product may mention worksites; it adds nothing to the cost of a new resource. */
const prose = /\.md$|^scripts\/story\/|^sdk\/|^bench\//

/** Each later migration adds a snapshot, which names every table. The journal does not. */
const migrations = /^migrations\//

const notWritten = ['node_modules', '.git', '.tap', '.generated', 'data', 'coverage', 'package-lock.json']

const files = readdirSync(root)
  .filter((entry) => !notWritten.includes(entry))
  .flatMap((entry) => filesUnder(entry))

function filesUnder(entry: string): string[] {
  // A file is not a folder.
  try {
    return readdirSync(path.join(root, entry), { recursive: true, withFileTypes: true })
      .filter((found) => found.isFile())
      .map((found) => path.relative(root, path.join(found.parentPath, found.name)))
  } catch {
    return [entry]
  }
}

const listed = (heading: string): string[] => {
  const [, section = ''] = guide.split(`\n## ${heading}\n`)
  const [table = ''] = section.split('\n## ')
  return [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, file = '']) => file)
}

const byHand = listed('The files by hand')
const generated = listed('The generated files')
const others = listed('Other files that mention worksites')

t.test(
  'every file that mentions worksites is in docs/adding-a-resource.md, and every file in it does',
  async (t) => {
    const mentioning = files
      .filter((file) => !prose.test(file))
      .filter((file) => file !== 'test/adding-a-resource.test.ts')
      .filter((file) => /worksite/i.test(readFileSync(path.join(root, file), 'utf8')))
    const all = [...byHand, ...generated, ...others]
    const missing = mentioning.filter(
      (file) => !all.includes(file) && !file.startsWith(folder) && !migrations.test(file),
    )
    const stale = all.filter((file) => !mentioning.includes(file) && !migrations.test(file))

    t.ok(mentioning.length > 10)
    t.same(
      missing,
      [],
      'mentions worksites: derive it from the manifest or the fixture, or add it to the guide',
    )
    t.same(stale, [], 'no longer mentions worksites: remove it from the guide')
    t.same(
      byHand.filter((file) => file.startsWith(folder)).sort(),
      files.filter((file) => file.startsWith(folder)).sort(),
      'the folder of the resource',
    )
  },
)

t.test(`a resource costs at most ${byHandMax} files by hand, and ${generatedMax} generated`, async (t) => {
  t.ok(byHand.length <= byHandMax, `${byHand.length}: ${byHand.join()}`)
  t.ok(generated.length <= generatedMax, `${generated.length}: ${generated.join()}`)
})
