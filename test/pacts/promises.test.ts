/** Texts about the end of a pact promise nothing that cannot be done by a request. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { pactLifecycle } from '../../src/pacts/lifecycle.ts'
import { committedContract } from '../contract-checker.ts'

const root = path.resolve(import.meta.dirname, '../..')

/** Phrases that say that somebody, or giving notice, ends a pact. */
const promises = [
  /\bend(?:s|ed|ing)?\b[^.\n]{0,40}\bnotice\b/i,
  /\bnotice\b[^.\n]{0,40}\bend(?:s|ed|ing)?\b/i,
  /\b(?:give|gives|gave|given|giving)\b[^.\n]{0,20}\bnotice\b/i,
  /\bnotice\b[^.\n]{0,20}\b(?:is|was|be) given\b/i,
  /\bpacts?\b[^.\n]{0,30}\b(?:can|may) be (?:ended|terminated|suspended|renewed)\b/i,
  /\b(?:terminates?|suspends?|renews?)\b (?:a|the|their|your|its) pacts?\b/i,
  /null: until it is ended/i,
]

/** The texts in the code, file by file. */
const readAll = (folder: string): string =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|js|html|md)$/.test(file))
    .map((file) => readFileSync(path.join(root, folder, file), 'utf8'))
    .join('\n')

t.test('no text promises that a pact in force can be ended, because no move does that', (t) => {
  t.same(Object.keys(pactLifecycle.active), ['expire'], 'only the clock ends one')
  const texts = {
    'the contract': JSON.stringify(committedContract(), null, 1),
    README: readFileSync(path.join(root, 'README.md'), 'utf8'),
    'the guides': readAll('docs'),
    'the story': readAll('scripts/story'),
    'the offer page': readAll('src/pacts/offer-links'),
  }

  for (const [name, text] of Object.entries(texts)) {
    const said = text.split('\n').filter((line) => promises.some((promise) => promise.test(line)))
    t.same(
      said.filter((line) => !line.includes('no request ends')),
      [],
      name,
    )
  }
  t.end()
})
