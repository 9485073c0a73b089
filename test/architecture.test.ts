/** Which files may import which others, and what every file of src must and must not contain. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { features as featureList } from '../src/features.ts'
import { upwardImports, withoutLayer } from './architecture/layers.ts'
import {
  linesMax,
  namedFromTheLeft,
  openToOthers,
  order,
  reserved,
  unsaid,
  wholeHouse,
  within,
} from './architecture/rules.ts'
import { every, featureOf, features, files, kindOf, src } from './architecture/source-files.ts'
import { foreignTables, ownersOfTables } from './architecture/sql.ts'

t.test('the architecture scan finds the files', async (t) => {
  t.ok(files.length > 60)
  t.ok(
    files
      .find((file) => file.name === 'delegates/mandates/actions.ts')
      ?.imports.includes('platform/actions/action-context.ts'),
  )
  t.same(
    [...new Set(features.map((file) => file.feature))].filter((feature) => !order.includes(feature)),
    [],
    'every folder has its place in the order',
  )
})

t.test('features use only what stands to their left', async (t) => {
  const faults = files
    .filter((file) => file.feature !== '')
    .flatMap((file) => every(file).map((target) => [file, target] as const))
    .filter(([file, target]) => order.indexOf(featureOf(target)) > order.indexOf(file.feature))
    .map(([file, target]) => `${file.name} uses ${target}`)

  t.same(faults, [])
})

t.test('no feature and no platform file imports the files directly in src', async (t) => {
  const faults = files
    .filter((file) => file.feature !== '')
    .flatMap((file) =>
      every(file)
        .filter((target) => featureOf(target) === '')
        .map((target) => `${file.name} uses ${target}`),
    )

  t.same(faults, [])
  t.same(
    files
      .filter((file) => file.feature === '')
      .map((file) => file.name)
      .filter((name) => !wholeHouse.includes(name)),
    [],
    'and it is not more than it was',
  )
})

t.test('the list of features has every folder, in the declared order', async (t) => {
  const folders = new Set(features.map((file) => file.feature))

  t.same(
    featureList.map(({ name }) => name),
    order.filter((feature) => folders.has(feature)),
  )
})

t.test('a feature imports only the open kinds of files of another feature', async (t) => {
  const faults = features.flatMap((file) =>
    every(file)
      .filter((target) => !['platform', file.feature].includes(featureOf(target)))
      .filter((target) => !openToOthers.includes(kindOf(target)))
      .map((target) => `${file.name} uses ${target}`),
  )

  t.same(faults, [])
})

t.test('inside a feature, files use each other in one direction', async (t) => {
  const faults = features.flatMap((file) =>
    every(file)
      .filter((target) => featureOf(target) === file.feature)
      .filter((target) => kindOf(target) !== file.kind && !within[file.kind]?.includes(kindOf(target)))
      .map((target) => `${file.name} (${file.kind}) uses ${target}`),
  )

  t.same(faults, [])
})

t.test('each kind of file imports only the libraries meant for it', async (t) => {
  const faults = features.flatMap((file) =>
    reserved
      .filter(
        ({ module, kinds }) =>
          !kinds.includes(file.kind) && file.imports.some((target) => module.test(target)),
      )
      .map(({ why }) => `${file.name}: ${why}`),
  )

  t.same(faults, [])
})

t.test('no import leads back to its own file through others', async (t) => {
  const byName = new Map(files.map((file) => [file.name, file]))
  const settled = new Set<string>()
  const circles: string[] = []
  const visit = (name: string, trail: readonly string[]): void => {
    if (trail.includes(name))
      return void circles.push([...trail.slice(trail.indexOf(name)), name].join(' → '))
    if (settled.has(name)) return
    const file = byName.get(name)
    for (const target of file ? every(file) : []) visit(target, [...trail, name])
    settled.add(name)
  }

  for (const { name } of files) visit(name, [])

  t.same(circles, [])
})

t.test('the platform’s folders import only from lower ones', async (t) => {
  t.same(withoutLayer(files), [], 'every folder has its place in the order')
  t.same(upwardImports(files), [])
})

t.test('SQL names only tables of its own feature or of the platform', async (t) => {
  const policies = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.sql'))
    .map((name) => ({ name, text: readFileSync(path.join(src, name), 'utf8') }))
  const sources = [...files, ...policies]
  const owners = ownersOfTables(files)

  const found = foreignTables(sources, owners, order)

  const inShort = (fault: string) => fault.replace(/^(\w+)\/[^:]*/, '$1')
  t.ok(owners.size > 25, 'the scan sees the tables')
  t.same(
    found.filter((fault) => !(inShort(fault) in namedFromTheLeft)),
    [],
  )
  t.same(
    Object.keys(namedFromTheLeft).filter((known) => !found.map(inShort).includes(known)),
    [],
    'and the list holds nothing that is over',
  )
})

t.test('no feature reads the time, chance, the environment or the network by itself', async (t) => {
  const faults = features.flatMap((file) =>
    unsaid.filter(([said]) => said.test(file.code)).map(([, why]) => `${file.name}: ${why}`),
  )
  const readers = files.filter((file) => /\bprocess\.env\b/.test(file.code)).map((file) => file.name)

  t.same(faults, [])
  t.same(
    readers.filter((name) => !['main.ts', 'cli.ts', 'platform/start/config.ts'].includes(name)),
    [],
    'the environment is handed to config.ts and to nothing else',
  )
})

t.test('every read takes (db, context, id), and every list (db, context, query)', async (t) => {
  const byCaller = /\b(?:db|tx): (?:Db|Tx),\s*caller: Caller\b/
  const withoutContext = /\bcontext\.read(?:,(?!\s*(?:request\.)?context\b)|\))/
  const routes = features.filter((file) => file.kind === 'routes')

  t.ok(routes.filter((file) => file.code.includes('context.read, context')).length > 10)
  t.same(
    features.filter((file) => byCaller.test(file.code)).map(({ name }) => name),
    [],
    'the second argument is the context',
  )
  t.same(
    routes.filter((file) => withoutContext.test(file.code)).map(({ name }) => name),
    [],
    'a route passes its context',
  )
})

t.test('input is strict: an unknown field is refused by name', async (t) => {
  const inputs = features
    .filter((file) => file.kind === 'schemas' || file.kind === 'routes')
    .flatMap((file) => [...file.code.matchAll(/export const (\w+)\s*=([\s\S]*?)(?=\nexport |\nconst |$)/g)])
    .map(([, name = '', declared = '']) => ({ name, declared }))
    .filter(({ name }) => isInput(name))
  const lax = inputs.filter(({ declared }) =>
    /\bz\s*\.(object|looseObject|any|unknown|record)\(/.test(declared),
  )

  t.ok(inputs.length > 10)
  t.same(
    lax.map(({ name }) => name),
    [],
  )
})

/** Whether routes use the schema as a body, a query string or path parameters. */
function isInput(name: string): boolean {
  const bodies = new Set(
    files.flatMap((file) =>
      [...file.code.matchAll(/\b(?:body|querystring|params):\s*(\w+)/g)].map((match) => match[1]),
    ),
  )
  return bodies.has(name)
}

t.test('no barrels, no default exports, no file that is too long to read', async (t) => {
  for (const { name, text, code } of files) {
    t.not(path.basename(name), 'index.ts', `${name} is a barrel`)
    t.notMatch(code, /^export default\b/m, `${name} has a default export`)
    t.notMatch(code, /^export \* from/m, `${name} hands on another file`)
    t.ok(text.split('\n').length <= linesMax + 1, `${name} is longer than ${linesMax} lines`)
  }
})

t.test('no file or symbol is named Manager, Service, Helper or utils', async (t) => {
  const patterns =
    /(^|[-/])(utils?|helpers?|types|constants|common|misc|manager|service|repository|controller)(\.ts|\/|$)/
  t.same(
    files.map((file) => file.name).filter((name) => patterns.test(name)),
    [],
  )
})
