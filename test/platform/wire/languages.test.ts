import t from 'tap'
import { preferredLanguage } from '../../../src/platform/wire/languages.ts'

const available = ['en', 'de', 'pt-BR', 'zh-Hant']
const cases: [header: string | undefined, chosen: string, why: string][] = [
  [undefined, 'en', 'nothing is asked'],
  ['', 'en', 'an empty header asks nothing'],
  ['de', 'de', 'what is there is taken'],
  ['DE', 'de', 'whatever its case'],
  ['de-AT', 'de', 'the language without its region'],
  ['pt', 'pt-BR', 'a region where the language alone is not there'],
  ['zh-Hant-TW', 'zh-Hant', 'subtag by subtag'],
  ['fr, de;q=0.5', 'de', 'the next when the first is not there'],
  ['de;q=0.3, pt-BR;q=0.8', 'pt-BR', 'the weights decide, not the order'],
  ['de;q=0, *', 'en', 'zero means never, a star means whatever you have'],
  ['fr;q=0.9, *;q=0.1, de;q=0.05', 'en', 'a star before what weighs less'],
  ['be', 'en', 'nothing fits'],
  ['de;q=x', 'en', 'a weight that is none'],
  [`${'x,'.repeat(5000)}de`, 'en', 'no more than the first twenty are looked at'],
]

for (const [header, chosen, why] of cases) {
  t.test(`${String(header).slice(0, 40)}: ${why}`, async (t) => {
    t.equal(preferredLanguage(header, available, 'en'), chosen)
  })
}
