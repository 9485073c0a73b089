/** Who may import what, and which words no feature may use. */

/** The features, leftmost first. Each may use features on its left, but none on its right. */
export const order = [
  'platform',
  'organisations',
  'delegates',
  'struggles',
  'letters',
  'pacts',
  'visits',
  'conferences',
  'publications',
  'integrations',
  'pages',
]

/**
 * The files of another feature that may be used: besides rows, tables, rules and actions, its lifecycle, which is data; its
 * schemas, so that a shape is declared once; and its problems, so that the same missing thing is reported in the same
 * words everywhere.
 */
export const openToOthers = [
  'queries',
  'tables',
  'policy',
  'actions',
  'schemas',
  'story',
  'lifecycle',
  'problems',
]

/** Pure files with calculations of the domain. Every kind of file may use them. */
export const pure = ['visits/windows.ts', 'visits/retimed-windows.ts']

/**
 * What each kind of file may use inside a feature. A file with the name of a part of the domain, such as `transitions.ts`, is
 * an action. A kind may always use itself, in a subfolder or above.
 */
export const within: Record<string, readonly string[]> = {
  routes: ['actions', 'queries', 'schemas', 'lifecycle', 'problems', 'policy', 'jobs'],
  jobs: ['actions'],
  actions: ['queries', 'tables', 'policy', 'lifecycle', 'problems', 'schemas', 'pure'],
  policy: ['lifecycle', 'pure'],
  queries: ['tables', 'policy', 'lifecycle', 'schemas', 'pure'],
  // A table and a schema may share a closed set, or the shape of a document.
  tables: ['lifecycle', 'schemas', 'pure'],
  schemas: ['lifecycle', 'tables', 'story', 'pure'],
  // The examples of the contract.
  story: [],
  lifecycle: [],
  problems: [],
  pure: ['lifecycle', 'problems'],
  // The manifest puts the feature together. No other file of the feature may use it.
  feature: ['routes', 'jobs', 'actions', 'queries', 'tables'],
}

/** Modules that only these files may import. */
export const reserved = [
  { module: /^(fastify|@fastify\/|fastify-)/, kinds: ['routes'], why: 'only routes know HTTP' },
  { module: /^(pg|pg-boss)$/, kinds: [], why: 'features reach the database through the platform' },
  {
    module: /^drizzle-orm/,
    kinds: ['queries', 'tables', 'actions'],
    why: 'the rest of a feature knows no SQL',
  },
  { module: /^zod$/, kinds: ['schemas', 'routes'], why: 'shapes are declared as schemas' },
]

/** Features must not use these: time, randomness and environment are arguments. */
export const unsaid: readonly [RegExp, string][] = [
  [/\bnew Date\(\s*\)|\bDate\.now\b/, 'the time is in context.now'],
  [/\bMath\.random\b|\brandom(UUID|Bytes)\b/, 'ids and secrets come from the platform'],
  [/\bprocess\.env\b/, 'settings are read by platform/config.ts alone'],
  [/\bfetch\(/, 'outgoing HTTP is an argument'],
]

/** Tables on its right that a feature's SQL names nevertheless, with the reasons. */
export const namedFromTheLeft: Readonly<Record<string, string>> = {
  'organisations: mandates':
    'an approval counts while the mandate of the person who gave it is active; colleagues are acquainted',
  'organisations: delegates': 'a delegate is acquainted with the organisation that created their entry',
  'organisations: pact_parties': 'the parties of a pact are acquainted',
  'organisations: tokens': 'an invitation ends with the token that made it',
  'organisations: recoveries': 'a person who took part in a recovery must not lift the seal',
  'delegates: visit_participants':
    'participants of one visit see each other; an erased person takes part in none',
  'delegates: visits': 'an identity is disclosed between the participants of a visit',
}

export const linesMax = 300
export const wholeHouse = [
  'app.ts',
  'main.ts',
  'cli.ts',
  'commands.ts',
  'command-databases.ts',
  'operator-token-command.ts',
  'serve.ts',
  'serve-many.ts',
  'open-databases.ts',
  'open-signer.ts',
  'provision-database.ts',
  'keys-command.ts',
  'coordination-command.ts',
  'open-vault.ts',
  'jobs.ts',
  'ledger-command.ts',
  'features.ts',
]
