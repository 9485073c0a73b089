/** Checks the documents: their size, the form of the decision records, and that every path and link in them exists. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'

const root = path.resolve(import.meta.dirname, '..')
const notOurs = ['node_modules', 'data', '.git', '.tap']
const files = filesIn('')
const documents = files.filter((file) => file.endsWith('.md') && !file.startsWith('test/'))
const records = documents.filter((file) => /^docs\/decisions\/\d/.test(file))

const architectureLinesMax = 150
const headings = ['Status', 'Context', 'Decision', 'Consequences', 'What it replaced']
/** Documents that describe the tree as it is now. Records and the changelog may name removed files. */
const describesTheTree = /^(ARCHITECTURE|CONTRIBUTING|docs\/[^/]+)\.md$/

function filesIn(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !notOurs.includes(name))
    .flatMap((entry) => {
      const name = path.posix.join(folder, entry.name)
      return entry.isDirectory() ? filesIn(name) : [name]
    })
}

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')

t.test('ARCHITECTURE.md has at most 150 lines', async (t) => {
  t.ok(read('ARCHITECTURE.md').trimEnd().split('\n').length <= architectureLinesMax)
})

t.test('every dependency has a reason in ARCHITECTURE.md', async (t) => {
  const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>
  const named = read('ARCHITECTURE.md')
  const dependencies = ['dependencies', 'optionalDependencies', 'devDependencies']
    .flatMap((kind) => Object.keys(manifest[kind] ?? {}))
    .filter((name) => !name.startsWith('@types/'))

  t.same(
    dependencies.filter((name) => !named.includes(`\`${name}\``)),
    [],
  )
})

t.test('every decision record has a number of its own, a title and the five headings in order', async (t) => {
  const numbers = records.map((file) => path.basename(file).slice(0, 4))

  t.ok(records.length >= 35)
  t.same(
    numbers.filter((number, index) => numbers.indexOf(number) !== index),
    [],
    'no number is used twice',
  )
  for (const file of records) {
    const text = read(file)
    const [, folder = '', number = ''] = /^(docs\/decisions\/)(\d{4})-[a-z0-9-]+\.md$/.exec(file) ?? []
    t.ok(folder, `${file} is named NNNN-subject.md`)
    t.ok(text.startsWith(`# ${number} · `), `${file} begins with its number and its title`)
    t.same(
      [...text.matchAll(/^## (.+)$/gm)].map((match) => match[1]),
      headings,
      file,
    )
    t.match(text, /^## Status\n\nAccepted, \d{4}-\d\d-\d\d/m, `${file} says when it was accepted`)
    t.notMatch(text, /^## .+\n\n(##|$(?![\s\S]))/m, `${file} has text under each heading`)
  }
})

t.test('the table of decisions lists every record once, in order, by its title', async (t) => {
  const rows = [...read('docs/decisions/README.md').matchAll(/^\| \[(\d{4})\]\((.+?)\) \| (.+?) \| .+ \|$/gm)]

  t.same(
    rows.map(([, number, file, title]) => [file, `# ${number} · ${title}`]),
    records.toSorted().map((file) => [path.basename(file), read(file).split('\n', 1)[0]]),
  )
})

t.test('every path in backticks in a document about the tree exists', async (t) => {
  const described = documents.filter((file) => describesTheTree.test(file))
  const faults = described.flatMap((file) =>
    [...withoutCodeBlocks(read(file)).matchAll(/`([^`\n]+)`/g)]
      .map((match) => match[1] as string)
      .filter(isPath)
      .filter((name) => !pathExists(name))
      .map((name) => `${file}: ${name}`),
  )

  t.ok(described.length >= 2)
  t.same(faults, [])
})

t.test('every relative link in a document leads to a file, and to a heading of it', async (t) => {
  const links = documents.flatMap((file) =>
    [...withoutCode(read(file)).matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1] as string)
      .filter((target) => !/^[a-z]+:/.test(target))
      .map((target) => ({ file, target })),
  )
  const faults = links.filter(({ file, target }) => !linkResolves(file, target))

  t.ok(links.length > records.length)
  t.same(
    faults.map(({ file, target }) => `${file}: ${target}`),
    [],
  )
})

const withoutCodeBlocks = (text: string): string => text.replace(/^ *```[\s\S]*?^ *```/gm, '')
const withoutCode = (text: string): string => withoutCodeBlocks(text).replace(/`[^`\n]+`/g, '')

/** A file by its ending, or a folder by its first part. Placeholders such as `<name>` do not count, nor does `./`, an operator's folder. */
function isPath(text: string): boolean {
  if (!/^(?!\.\/)[\w.-]+(\/[\w.-]+)*\/?$/.test(text)) return false
  const [first = ''] = text.split('/')
  return /\.(ts|md|sql)$/.test(text) || (text.includes('/') && existsSync(path.join(root, first)))
}

/** A path from the root, or the last parts of a longer path: `http/plugin.ts`, `wire/`. */
function pathExists(name: string): boolean {
  const folder = name.endsWith('/')
  return (
    files.some((file) =>
      folder ? `/${file}`.includes(`/${name}`) : file === name || file.endsWith(`/${name}`),
    ) || existsSync(path.join(root, name))
  )
}

function linkResolves(from: string, target: string): boolean {
  const [file = '', heading] = target.split('#')
  const found = file === '' ? from : path.posix.join(path.posix.dirname(from), file)
  if (!existsSync(path.join(root, found))) return false
  return heading === undefined || !found.endsWith('.md') || headingIds(read(found)).includes(heading)
}

/** Anchors as GitHub makes them. */
const headingIds = (text: string): string[] =>
  [...withoutCodeBlocks(text).matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
