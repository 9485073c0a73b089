/** Reads from the code which tables the SQL of a file names: `sql` templates, other strings with statements, and .sql files. */
import ts from 'typescript'

type Source = { readonly name: string; readonly text: string }

/** The tables by name, each with its folder in src. */
export function ownersOfTables(sources: readonly Source[]): Map<string, string> {
  const found = sources.flatMap(({ name, text }) =>
    [...text.matchAll(/\bpgTable\(\s*'(\w+)'/g)].map(([, table = '']) => [table, ownerOf(name)] as const),
  )
  return new Map(found)
}

/**
 * Returns `file: table` for every table of a feature that the SQL of another feature or of the platform names. TypeScript
 * interpolates another's table, so its import is checked. A .sql file can only name a table, and may if it is on its left.
 */
export function foreignTables(
  sources: readonly Source[],
  owners: ReadonlyMap<string, string>,
  order: readonly string[],
): string[] {
  // Files outside a folder put the features together and may name all tables.
  const inFolders = sources.filter(({ name }) => name.includes('/'))
  return inFolders.flatMap((source) => {
    const own = ownerOf(source.name)
    const mayName = (owner: string | undefined): boolean =>
      owner === undefined ||
      owner === 'platform' ||
      owner === own ||
      (source.name.endsWith('.sql') && order.indexOf(owner) < order.indexOf(own))
    const named = new Set(sqlOf(source).flatMap(tablesIn))
    return [...named]
      .filter((table) => !mayName(owners.get(table)))
      .map((table) => `${source.name}: ${table}`)
      .sort()
  })
}

const ownerOf = (name: string): string => name.split('/', 1)[0] ?? ''

function sqlOf({ name, text }: Source): string[] {
  if (name.endsWith('.sql')) return [text.replace(/--.*$/gm, '')]
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const isTemplate = ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'sql'
    if (isTemplate) found.push(textOf(node.template))
    else if (ts.isTemplateExpression(node) || ts.isStringLiteralLike(node))
      found.push(...statementIn(textOf(node)))
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true))
  return found
}

/** The parts between the values; each value becomes one `?`. */
function textOf(node: ts.TemplateExpression | ts.StringLiteralLike): string {
  if (!ts.isTemplateExpression(node)) return node.text
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('?')
}

/** A string is SQL if it begins like a statement or looks up a relation by name. */
const statementIn = (text: string): string[] =>
  /^\s*(select|insert|update|delete|with|grant|revoke|create|alter|drop|truncate|lock)\s/.test(text) ||
  /^public\.\w+$/.test(text)
    ? [text]
    : []

/** Words after a keyword that a table follows, with or without a schema, and words before the dot of a column. */
function tablesIn(sql: string): string[] {
  const [, ...lists] = sql.split(/\b(?:from|join|into|update|table|on|only|references|using|lock)\s/i)
  const listed = lists.flatMap((list) => (/^[\w\s",.]*/.exec(list)?.[0] ?? '').split(','))
  const qualified = [...sql.matchAll(/"?(\w+)"?\."?\w+/g)].map(([, name = '']) => name)
  return [
    ...listed.map(nameAtStart),
    ...[...sql.matchAll(/\bpublic\.(\w+)/g)].map(([, name = '']) => name),
    ...qualified,
  ]
}

const nameAtStart = (text: string): string => /^\s*(?:public\.)?"?(\w*)/.exec(text)?.[1] ?? ''
