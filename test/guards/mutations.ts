/**
 * What keeps people out, found in the code and in the database's catalogue rather than listed, so that a new guard is
 * tried without anybody remembering it: the access of every route, every question that begins with `may`, every policy.
 */
import { glob, readFile } from 'node:fs/promises'
import path from 'node:path'
import type pg from 'pg'

export type Mutation = {
  name: string
  /** In the code: the file, and what it says with the guard gone. */
  change?: { file: string; text: string }
  /** In the template database. */
  sql?: string
  tests: readonly string[]
  /** Narrows test/access.test.ts to one operation. */
  operation?: string
}

const matrix = 'test/access.test.ts'
/** Behind the policies, a guard of the code could fall unseen: each fence is tried alone. */
export const withoutPolicies = `do $$ declare guarded record; begin
  for guarded in select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'public' loop
    execute format('alter table %s disable row level security', guarded.name);
  end loop; end $$`

export async function guardsOfCode(root: string): Promise<Mutation[]> {
  const found: Mutation[] = []
  for await (const file of glob('src/**/*.ts', { cwd: root })) {
    const text = await readFile(path.join(root, file), 'utf8')
    found.push(...routesIn(file, text), ...questionsIn(file, text), ...namedIn(file, text))
  }
  const unfound = named.filter(({ name }) => !found.some((one) => one.name === name))
  if (unfound.length > 0)
    throw new Error(`No longer in the code: ${unfound.map(({ name }) => name).join('; ')}`)
  return found.map((mutation) => ({ ...mutation, sql: withoutPolicies }))
}

const openToAll = `access: { to: ['anonymous', 'delegate', 'client', 'operator', 'link'] }`
const routeAccess = /access: (?!anyone\b)(\w+(?:\([^)]*\))?)(?=[,\s}][\s\S]{0,200}?operationId: '(\w+)')/g

function routesIn(file: string, text: string): Mutation[] {
  if (!file.endsWith('routes.ts')) return []
  return [...text.matchAll(routeAccess)].map((match) => ({
    name: `${match[2]} is for ${match[1]}`,
    change: { file, text: replaced(text, match, openToAll) },
    tests: [matrix],
    ...(match[2] && { operation: match[2] }),
  }))
}

/** `|| !mayRead(caller, row)` in a condition to refuse, and `&& mayRead(caller, row)` in one to go on. */
const question = /(\|\| !|&& )(may\w+)\((?:[^()]|\([^()]*\))*\)/g

const questionsIn = (file: string, text: string): Mutation[] =>
  [...text.matchAll(question)].map((match) => ({
    name: `${match[2]} in ${file}:${lineOf(text, match.index)}`,
    change: { file, text: replaced(text, match, '') },
    tests: [matrix, ...(suites.find(([folder]) => file.startsWith(folder))?.[1] ?? [])],
  }))

/** What the matrix has no scene for is asked by the tests of the feature. */
const suites: readonly (readonly [string, readonly string[]])[] = [
  ['src/organisations', ['test/organisations/merging.test.ts', 'test/organisations/affiliations.test.ts']],
  ['src/delegates', ['test/delegates']],
  [
    'src/pacts',
    [
      'test/pacts/access.test.ts',
      'test/pacts/leaving.test.ts',
      'test/pacts/offer-links.test.ts',
      'test/pacts/drafting.test.ts',
    ],
  ],
  [
    'src/visits',
    ['test/visits/participants.test.ts', 'test/visits/proposing.test.ts', 'test/visits/returning.test.ts'],
  ],
]

type Named = { name: string; file: string; find: string; instead: string; tests?: readonly string[] }

/** Those that have no form of their own. */
const named: readonly Named[] = [
  {
    name: 'a route refuses other kinds of caller',
    file: 'src/platform/access.ts',
    find: 'if (!access.to.includes(caller.kind)) throw forbidden(wrongKind(access))',
    instead: '',
  },
  {
    name: 'a token needs the scope',
    file: 'src/platform/access.ts',
    find: 'if (!caller.scopes.includes(access.scope)) {',
    instead: 'if (false) {',
  },
  {
    name: 'an act needs a mandate with the power',
    file: 'src/platform/access.ts',
    find: 'm.organisationId === organisationId && m.powers.includes(power)',
    instead: 'm.organisationId === organisationId',
  },
  {
    name: 'a coordinator is of a verified coordination',
    file: 'src/platform/access.ts',
    find: "m.powers.includes('vouch') &&",
    instead: '',
  },
  {
    name: 'a revoked token is none',
    file: 'src/delegates/queries.ts',
    find: 'isNull(tokens.revokedAt),',
    instead: '',
  },
  {
    name: 'an expired token is none',
    file: 'src/delegates/queries.ts',
    find: "gt(tokens.expiresAt, sql.placeholder('now')),",
    instead: '',
    tests: ['test/delegates/tokens.test.ts'],
  },
  {
    name: 'a mandate that ended gives nothing',
    file: 'src/delegates/queries.ts',
    find: "m.status::text = 'active'",
    instead: 'true',
  },
  {
    name: 'a suspended organisation acts no more',
    file: 'src/delegates/queries.ts',
    find: 'and ${mayAct(sql`o.status`)})`\n\n/** A client',
    instead: ')`\n\n/** A client',
  },
  {
    name: 'an expired or spent link is gone',
    file: 'src/pacts/offer-links/actions.ts',
    find: "if (status !== 'live' && !(status === 'used' && repeats)) throw linkGone()",
    instead: '',
  },
  {
    name: 'a link opens one pact',
    file: 'src/pacts/policy.ts',
    find: "if (caller.kind === 'link' && caller.pactId !== pact.id) return false",
    instead: '',
    tests: ['test/pacts'],
  },
  {
    name: 'a draft is its proposer’s',
    file: 'src/pacts/policy.ts',
    find: 'pact.proposedAt !== null && pact.parties',
    instead: 'pact.parties',
    tests: ['test/pacts/drafting.test.ts', 'test/pacts/access.test.ts'],
  },
  {
    name: 'the list of organisations hides those that nobody vouched for',
    file: 'src/organisations/policy.ts',
    find: 'return isInNetwork(caller) ? networkStatuses : publicStatuses',
    instead: 'return networkStatuses',
    tests: ['test/organisations/registering.test.ts', 'test/organisations/searching.test.ts'],
  },
  {
    name: 'a mandate is read by those whom it concerns',
    file: 'src/delegates/policy.ts',
    find: '(belongsTo(caller, mandate.organisationId) && ',
    instead: '(',
  },
]

function namedIn(file: string, text: string): Mutation[] {
  return named.flatMap((one) =>
    one.file === file && text.includes(one.find)
      ? [
          {
            name: one.name,
            change: { file, text: text.replace(one.find, () => one.instead) },
            tests: one.tests ?? [matrix],
          },
        ]
      : [],
  )
}

type Policy = { name: string; table: string; cmd: string; role: string; asks: boolean }

/** Every policy is taken away, which hides rows from those whose they are; and lets everything pass, which shows them. */
export async function guardsOfDatabase(template: pg.Client): Promise<Mutation[]> {
  const { rows } = await template.query<Policy>(`
    select policyname as name, tablename as table, cmd, roles[1] as role,
      coalesce(qual, with_check) <> 'true' or with_check <> 'true' as asks
    from pg_policies where schemaname = 'public' order by tablename, policyname`)
  const tests = ['test/row-security.test.ts']
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
