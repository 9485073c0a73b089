/**
 * The guards, found in the code and in the database's catalogue and not in a list, so that a new guard is tried automatically:
 * the access of every route, every predicate that begins with `may`, every refusal that checks a power, a person, a seal or a
 * limit, every `require…` call, every locked mandate, every policy.
 */
import { globSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import path from 'node:path'
import type pg from 'pg'
import { named } from './named.ts'

export type Mutation = {
  name: string
  /** The file in the code, and its text without the guard. */
  change?: { file: string; text: string }
  /** The change in the template database. */
  sql?: string
  tests: readonly string[]
  /** The tests that are likely to notice first. */
  likely?: readonly string[]
  /** Narrows test/access.test.ts to one operation. */
  operation?: string
}

const root = path.resolve(import.meta.dirname, '../..')
const matrix = 'test/access.test.ts'
/** Tests of one feature that notice the removal of another feature's guard, by the name of the guard. */
const elsewhere: readonly (readonly [called: RegExp, tests: string])[] = [
  // Only a recall during the request shows whether the mandate is locked.
  [
    /^(require(Mandate|Coordinator|SelfOrAdministrator|Right|Administration)|lock)/,
    'test/delegates/recall-races.test.ts',
  ],
  [/sealed/, 'test/organisations/seal*.test.ts'],
  [/tookPartInRecovery|requireNoPartInRecovery/, 'test/delegates/recoveries-secrets.test.ts'],
]
/** Policies could hide that a guard of the code is missing, so each is tried alone. */
export const withoutPolicies = `do $$ declare guarded record; begin
  for guarded in select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'public' loop
    execute format('alter table %s disable row level security', guarded.name);
  end loop; end $$`

export async function guardsOfCode(): Promise<Mutation[]> {
  const found: Mutation[] = []
  for await (const file of glob('src/**/*.ts', { cwd: root })) {
    const text = await readFile(path.join(root, file), 'utf8')
    found.push(
      ...routesIn(file, text),
      ...transitionsIn(file, text),
      ...questionsIn(file, text),
      ...refusalsIn(file, text),
      ...demandsIn(file, text),
      ...holdsIn(file, text),
      ...namedIn(file, text),
    )
  }
  for await (const file of glob('src/**/functions.sql', { cwd: root }))
    found.push(...namedIn(file, await readFile(path.join(root, file), 'utf8')))
  refuseUnguarded(found, await readFile(path.join(root, 'openapi/openapi.json'), 'utf8'))
  const unfound = named.filter(({ name }) => !found.some((one) => one.name === name))
  if (unfound.length > 0)
    throw new Error(`No longer in the code: ${unfound.map(({ name }) => name).join('; ')}`)
  return found.map((mutation) => ({ sql: withoutPolicies, ...mutation }))
}

const openToAll = `access: { to: ['anonymous', 'delegate', 'client', 'operator', 'link'] }`
const routeAccess =
  /access: (?!anyone\b)(\w+(?:\([^)]*\))?|\{[^}]*\})(?=[,\s}][\s\S]{0,200}?operationId: '(\w+)')/g
const transitionAccess = /(read|write): (\w+(?:\([^)]*\))?)/g

function routesIn(file: string, text: string): Mutation[] {
  if (!file.endsWith('routes.ts')) return []
  return [...text.matchAll(routeAccess)].map((match) => ({
    name: `${match[2]} is for ${match[1]}`,
    change: { file, text: replaced(text, match, openToAll) },
    tests: [matrix],
    ...(match[2] && { operation: match[2] }),
  }))
}

/** A resource's history and transitions routes are generated from its declarations. */
function transitionsIn(file: string, text: string): Mutation[] {
  const start = text.indexOf('registerTransitions(app, {')
  const name = /name: '(\w+)'/.exec(text.slice(start))?.[1]
  if (start < 0 || name === undefined) return []
  return [...text.matchAll(transitionAccess)]
    .filter(({ index }) => index > start)
    .map((match) => {
      const operation = match[1] === 'read' ? `list${name}Transitions` : `move${name}`
      const open = openToAll.replace('access', match[1] ?? '')
      return {
        name: `${operation} is for ${match[2]}`,
        change: { file, text: replaced(text, match, open) },
        tests: [matrix],
        operation,
      }
    })
}

/** Operations that need no token by the contract are for anyone; every other one must have a guard. */
function refuseUnguarded(found: readonly Mutation[], contract: string): void {
  const { paths } = JSON.parse(contract) as { paths: Record<string, Record<string, Described>> }
  const unguarded = Object.values(paths)
    .flatMap((methods) => Object.values(methods))
    .filter(({ security }) => !security.some((one) => Object.keys(one).length === 0))
    .filter(({ operationId }) => !found.some(({ operation }) => operation === operationId))
  if (unguarded.length === 0) return
  throw new Error(`No guard was found of: ${unguarded.map(({ operationId }) => operationId).join(', ')}`)
}

type Described = { operationId: string; security: Record<string, string[]>[] }

/** `|| !mayRead(caller, row)` in a condition that refuses, and `&& mayRead(caller, row)` in one that continues. */
const question = /(\|\| !|&& )(may\w+)\((?:[^()]|\([^()]*\))*\)/g

const questionsIn = (file: string, text: string): Mutation[] =>
  [...text.matchAll(question)].map((match) => ({
    name: `${match[2]} in ${file}:${lineOf(text, match.index)}`,
    change: { file, text: replaced(text, match, '') },
    ...testsOf(file),
  }))

/** What a refusal may check: powers, identity, seals, limits, and that two persons are different. */
const asks =
  /\b(may[A-Z]\w*|isSelf|isHiddenBySeal|belongsTo|mandateFor|coordinatorMandate|takesPart\w*|completes\w*|faultOfSecond|isWaiting|hasOtherAdministration|hasOtherAdministrator)\(|\b(person|readsPerDay|failuresMax|lastPeriod|elevated|administering|erasedAt|sealed|liftedById|consentedAt|missingScope)\b/

/** `if (…) throw`: removes the refusal, but keeps the names that its condition uses. */
function refusalsIn(file: string, text: string): Mutation[] {
  if (file.startsWith('src/platform/') && file !== 'src/platform/actions/action-context.ts') return []
  return [...text.matchAll(/\bif \(/g)].flatMap(({ index }) => {
    const end = closing(text, index + 'if '.length)
    const condition = text.slice(index + 'if ('.length, end)
    const refuses = /^\)\s*(\{\s*)?throw /.test(text.slice(end))
    if (!refuses || !asks.test(condition) || /(\|\| !|&& )may\w+\(/.test(condition)) return []
    return [
      {
        name: `if (${condition.replaceAll(/\s+/g, ' ')}) in ${file}:${lineOf(text, index)}`,
        change: { file, text: `${text.slice(0, index)}if (false && (${condition}))${text.slice(end + 1)}` },
        ...testsOf(file, condition),
      },
    ]
  })
}

/** A call that throws or does nothing, also after an `if` on its line or on the line before. */
const demand =
  /^( +(?:if \(.*\) |else )?)(?:await )?(require(?!Version|Mandate\(|Coordinator\()\w+|refuse(?:Addressee|Signing|OwnOverlap)\w*|lock(?:Link|Mandate|ElevationForOthers)|spendLink)\(.*\)$/gm

const demandsIn = (file: string, text: string): Mutation[] =>
  file.startsWith('src/platform/')
    ? []
    : [...text.matchAll(demand)].map((match) => ({
        name: `${match[2]} in ${file}:${lineOf(text, match.index)}`,
        change: { file, text: replaced(text, match, `${match[1]}void 0`) },
        ...testsOf(file, match[2]),
      }))

/** A mandate that is required and locked until the end of the transaction; each call is replaced by one that grants it. */
const holding =
  /(?<=[=(?:] ?|return |\n +)await (require(?:Mandate|Coordinator|SelfOrAdministrator|RightTo\w+|Right|Administration)|lockAdministratorMandate)\(/g
const mandated: readonly string[] = ['requireMandate', 'requireCoordinator']

const holdsIn = (file: string, text: string): Mutation[] =>
  [...text.matchAll(holding)].map(({ index, 0: call, 1: name = '' }) => {
    const end = closing(text, index + call.length - 1)
    const instead = mandated.includes(name) ? '({ id: null, organisationId: null })' : 'null'
    return {
      name: `${name} in ${file}:${lineOf(text, index)}`,
      change: { file, text: text.slice(0, index) + instead + text.slice(end + 1) },
      ...testsOf(file, name),
    }
  })

/** The position of the parenthesis that closes the one at `from`. */
function closing(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    if (text[at] === '(') depth++
    if (text[at] === ')' && --depth === 0) return at
  }
  return text.length
}

/** The tests with the name of the file come first, then the access table and all tests of the feature. `guard`: the removed one. */
function testsOf(file: string, guard = ''): Pick<Mutation, 'likely' | 'tests'> {
  const [, feature = '', ...path] = file.replace(/\.ts$/, '').split('/')
  const stems = path
    .filter((name) => !['actions', 'changing', 'answers'].includes(name))
    .map((name) => name.slice(0, 4))
  const likely = globSync(`test/${feature}/**/*.test.ts`, { cwd: root }).filter((test) =>
    stems.some((stem) => test.slice(test.lastIndexOf('/') + 1).startsWith(stem)),
  )
  for (const [called, tests] of elsewhere)
    if (called.test(guard)) likely.push(...globSync(tests, { cwd: root }))
  return { likely, tests: [matrix, `test/${feature}`] }
}

function namedIn(file: string, text: string): Mutation[] {
  return named
    .filter((one) => one.file === file && text.includes(one.find))
    .map((one) => {
      const { name, tests = [matrix] } = one
      const changed = text.replace(one.find, () => one.instead)
      // Functions of the database are replaced there.
      return file.endsWith('.sql')
        ? { name, tests, sql: `${withoutPolicies}; ${changed}` }
        : { name, tests, change: { file, text: changed }, ...(one.behindPolicies && { sql: '' }) }
    })
}

type Policy = { name: string; table: string; cmd: string; role: string; asks: boolean }

/** Each policy is removed, which hides rows from entitled callers, and replaced by `true`, which shows rows to everybody. */
export async function guardsOfDatabase(template: pg.Client): Promise<Mutation[]> {
  const { rows } = await template.query<Policy>(`
    select policyname as name, tablename as table, cmd, roles[1] as role,
      coalesce(qual, with_check) <> 'true' or with_check <> 'true' as asks
    from pg_policies
    where schemaname = 'public' and qual is distinct from 'runs_for_owner()' order by tablename, policyname`)
  // Nothing here needs the policies of the owner, who is a superuser: table-owner.test.ts shows them.
  const tests = ['test/row-security.test.ts', 'test/row-security-powers.test.ts']
  return rows.flatMap(({ name, table, cmd, asks }) => [
    { name: `without ${name}`, sql: `drop policy ${name} on ${table}`, tests },
    ...(asks
      ? [
          {
            name: `${name} lets everything pass`,
            sql: `alter policy ${name} on ${table} ${passing(cmd)}`,
            tests,
          },
        ]
      : []),
  ])
}

const passing = (cmd: string): string =>
  cmd === 'INSERT'
    ? 'with check (true)'
    : cmd === 'SELECT' || cmd === 'DELETE'
      ? 'using (true)'
      : 'using (true) with check (true)'

const replaced = (text: string, { index, 0: found }: RegExpMatchArray, instead: string): string =>
  text.slice(0, index) + instead + text.slice((index ?? 0) + found.length)

const lineOf = (text: string, index: number | undefined): number => text.slice(0, index).split('\n').length
