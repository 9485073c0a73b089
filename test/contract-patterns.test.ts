/** Clients in other languages compile the contract's patterns, so each must mean the same there as here. */
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { RE2JS } from 're2js'
import t from 'tap'

/** A pattern, its place, and the examples beside it. */
type Pattern = { pattern: string; place: string; examples: string[] }

for (const file of ['openapi.json', 'openapi-3.0.json']) {
  t.test(`every pattern of ${file} compiles in JavaScript, in Python and in RE2`, async (t) => {
    const patterns = patternsIn(JSON.parse(await readFile(`openapi/${file}`, 'utf8')), '')

    t.ok(patterns.length > 10)
    t.strictSame(faultsOf(patterns, inJavaScript), [])
    t.strictSame(faultsOf(patterns, inRe2), [])
    t.strictSame(faultsInPython(patterns), [])
  })
}

t.test('the pattern check finds patterns that work in one language only', async (t) => {
  const named = { pattern: '^(?<offset>Z)$', place: 'a named group', examples: [] }
  const behind = { pattern: '(?<=a)b', place: 'a look-behind', examples: [] }
  const ahead = { pattern: '^(?!a)', place: 'a look-ahead', examples: [] }
  const letters = { pattern: '^\\p{L}$', place: 'a Unicode property', examples: [] }
  const mistaken = { pattern: '^a$', place: 'an example that does not match', examples: ['b'] }
  const all = [named, behind, ahead, letters, mistaken]

  t.strictSame(places(faultsInPython(all)), [named.place, letters.place, mistaken.place])
  t.strictSame(places(faultsOf(all, inRe2)), [behind.place, ahead.place, mistaken.place])
})

function patternsIn(value: unknown, place: string): Pattern[] {
  if (typeof value !== 'object' || value === null || place === '/components/examples') return []
  const { pattern, example, examples = [] } = value as Record<string, unknown>
  const here =
    typeof pattern === 'string'
      ? [{ pattern, place, examples: texts([example, ...(examples as unknown[])]) }]
      : []
  return [...here, ...Object.entries(value).flatMap(([key, part]) => patternsIn(part, `${place}/${key}`))]
}

const texts = (values: unknown[]): string[] => values.filter((value) => typeof value === 'string')

const places = (faults: string[]): (string | undefined)[] => faults.map((fault) => fault.split(': ')[0])

const inJavaScript = (pattern: string, text: string): boolean => new RegExp(pattern, 'u').test(text)
const inRe2 = (pattern: string, text: string): boolean => RE2JS.compile(pattern).matcher(text).find()

function faultsOf(patterns: Pattern[], matches: (pattern: string, text: string) => boolean): string[] {
  return patterns.flatMap(({ pattern, place, examples }) => {
    try {
      return ['', ...examples].flatMap((text, index) =>
        matches(pattern, text) || index === 0 ? [] : [`${place}: ${pattern} does not match ${text}`],
      )
    } catch (error) {
      return [`${place}: ${String(error)}`]
    }
  })
}

const python = `
import json, re, sys
for one in json.load(sys.stdin):
    try:
        compiled = re.compile(one['pattern'])
        for text in one['examples']:
            if not compiled.search(text):
                print(one['place'] + ': does not match ' + text)
    except re.error as error:
        print(one['place'] + ': ' + str(error))
`

/** JSON Schema for Python (`jsonschema`) searches with the module `re`. */
function faultsInPython(patterns: Pattern[]): string[] {
  const { stdout, stderr, status, error } = spawnSync('python3', ['-c', python], {
    input: JSON.stringify(patterns),
    encoding: 'utf8',
    env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
  })
  if (error ?? status !== 0) throw error ?? new Error(stderr)
  return stdout.split('\n').filter(Boolean)
}
