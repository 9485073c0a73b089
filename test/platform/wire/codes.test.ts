import t from 'tap'
import { z } from 'zod'
import { country, isicClass, language, region, timeZone } from '../../../src/platform/wire/codes.ts'
import { countryCodes } from '../../../src/platform/wire/codes/countries.ts'
import { isicClasses, isicClassesBySection } from '../../../src/platform/wire/codes/industries.ts'

const vocabulary = {
  country: {
    schema: country,
    problem: 'unknown_country',
    known: ['BY', 'DE', 'ZA', 'GB', 'SS', 'TW', 'XK'],
    // EU and UK are only reserved, AN was withdrawn, ZZ and AA are for private use, ВУ is Cyrillic.
    unknown: ['by', 'EU', 'UK', 'AN', 'ZZ', 'AA', 'BLR', 'B', '', ' BY', 'BY\n', 'ВУ', 'BY\u0000'],
  },
  region: {
    schema: region,
    problem: 'unknown_region',
    known: ['BY-MI', 'DE-BW', 'ZA-EC', 'FR-75', 'GB-ENG', 'TR-6', 'XK-01'],
    unknown: ['BY', 'BY-', 'by-MI', 'BY-mi', 'UK-ENG', 'ZZ-AB', 'BY-MINS', 'BY_MI', 'BY-MI\n', '-MI', ''],
  },
  language: {
    schema: language,
    problem: 'unknown_language',
    known: ['be', 'ru', 'en', 'de', 'xh', 'zu', 'nso', 'pt-BR', 'zh-Hant', 'be-tarask', 'sr-Cyrl', 'es-419'],
    unknown: [
      'en-us',
      'EN',
      'iw',
      'zz',
      'und',
      'mul',
      'zxx',
      'mis',
      'qaa',
      'root',
      'x-foo',
      'en_US',
      'english',
      '',
      'e',
      'be\u0000',
      `en-x-${'abcdefgh-'.repeat(4)}z`,
    ],
  },
  isicClass: {
    schema: isicClass,
    problem: 'unknown_industry',
    known: ['0891', '2821', '2910', '0111', '9900', '9420'],
    // 4775 belongs to another classification, 8560 to Rev. 5; 2900 is a division; one has an Arabic digit.
    unknown: ['891', '2900', '0000', '4775', '8560', '28.21', 'C2910', '29100', '', '29\u066110'],
  },
  timeZone: {
    schema: timeZone,
    problem: 'unknown_time_zone',
    known: [
      'Europe/Minsk',
      'Africa/Johannesburg',
      'UTC',
      'America/Argentina/Buenos_Aires',
      'Asia/Kolkata',
      'Asia/Calcutta',
      'Europe/Kyiv',
      'Europe/Kiev',
      'America/Port-au-Prince',
    ],
    unknown: [
      'europe/minsk',
      'Europe/minsk',
      'utc',
      '+01:00',
      '-03:30',
      'Z',
      'Minsk',
      'Europe/Gomel',
      '',
      'UTC+3',
      '2020-10-23T09:00Z',
      '2020-10-23T09:00+03:00[Europe/Minsk]',
      'Factory',
      'EST',
      'CET',
      'Etc/GMT+3',
      'Etc/UTC',
      'GMT',
      'Zulu',
      'US/Pacific',
      'UTC\u0000',
    ],
  },
}

for (const [name, { schema, problem, known, unknown }] of Object.entries(vocabulary)) {
  t.test(`${name} accepts the codes of the standard unchanged`, async (t) => {
    for (const value of known) t.same(schema.safeParse(value), { success: true, data: value }, value)
  })

  t.test(`${name} refuses the rest with one ${problem}`, async (t) => {
    for (const value of unknown) {
      const issues = issuesOf(schema, value)
      t.equal(issues.length, 1, JSON.stringify(value))
      t.match(issues[0], { code: 'custom', params: { code: problem } })
    }
  })

  t.test(`${name} refuses what is no text as a wrong type, not as an unknown code`, async (t) => {
    for (const value of [undefined, null, 7, ['BY'], {}]) {
      t.match(issuesOf(schema, value), [{ code: 'invalid_type' }])
    }
  })

  t.test(`${name} does not repeat what was sent`, async (t) => {
    const canary = 'Kanarienvogel-4711'
    const [issue] = issuesOf(schema, canary)
    t.ok(issue)
    t.notMatch(JSON.stringify(issue), /kanarienvogel/i)
  })

  t.test(`${name} is a described string with a pattern and examples in the contract`, async (t) => {
    const contract = z.toJSONSchema(schema)
    t.match(contract, { type: 'string', description: /^A[n]? .+\.$/, pattern: /^\^.+\$$/ })
    t.notOk('id' in contract)
    const pattern = new RegExp(String(contract.pattern))
    const examples = contract.examples
    if (!Array.isArray(examples)) return t.fail('no examples')
    for (const example of examples) t.ok(schema.safeParse(example).success, `${example} is a true example`)
    for (const value of known) t.match(value, pattern, `the pattern lets ${value} pass`)
  })
}

t.test('a language tag in another spelling is refused with the canonical one', async (t) => {
  const spellings = { 'en-us': 'en-US', 'PT-br': 'pt-BR', 'zh-hant': 'zh-Hant', iw: 'he', BE: 'be' }
  for (const [sent, canonical] of Object.entries(spellings)) {
    const [issue] = issuesOf(language, sent)
    t.equal(issue?.message, `This is not the canonical spelling of this language tag. Send ${canonical}.`)
  }
})

t.test('an unknown language is refused without a canonical spelling', async (t) => {
  for (const sent of ['zz', 'ZZ-zz', 'und', 'not a tag']) {
    t.match(issuesOf(language, sent)[0]?.message, /^This is not a BCP 47 tag of a known language/)
  }
})

t.test('there are 249 countries and Kosovo, and Intl has a name for each', async (t) => {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
  t.equal(countryCodes.size, 250)
  t.same(
    [...countryCodes].filter((code) => !/^[A-Z]{2}$/.test(code) || !names.of(code)),
    [],
  )
})

t.test('the ISIC Rev. 4 list has as many sections, divisions, groups and classes as published', async (t) => {
  const sections = Object.entries(isicClassesBySection)
  t.same(Object.fromEntries(sections.map(([section, text]) => [section, text.trim().split(/\s+/).length])), {
    A: 38,
    B: 14,
    C: 137,
    D: 3,
    E: 8,
    F: 11,
    G: 43,
    H: 20,
    I: 7,
    J: 23,
    K: 18,
    L: 2,
    M: 14,
    N: 26,
    O: 7,
    P: 8,
    Q: 9,
    R: 10,
    S: 17,
    T: 3,
    U: 1,
  })
  const classes = [...isicClasses]
  t.equal(new Set(classes.map((code) => code.slice(0, 2))).size, 88, 'divisions')
  t.equal(new Set(classes.map((code) => code.slice(0, 3))).size, 238, 'groups')
  t.equal(classes.length, 419, 'classes')
  t.same(classes, [...classes].sort(), 'in order, none in the wrong section')
})

function issuesOf(schema: z.ZodType, value: unknown): z.core.$ZodIssue[] {
  return schema.safeParse(value).error?.issues ?? []
}

const hints: [schema: z.ZodType, sent: string, hint: RegExp][] = [
  [country, 'UK', /United Kingdom GB/],
  [country, 'EL', /Greece GR/],
  [country, 'EU', /not a country/],
  [region, 'UK-ENG', /United Kingdom GB/],
  [isicClass, 'C29.10', /writes 2910\b/],
  [isicClass, '29.10', /writes 2910\b/],
  [isicClass, 'C2910', /writes 2910\b/],
  [isicClass, '29.10-1', /writes 2910\b/],
  // Wire in NACE, cutlery and tools in ISIC: the answer lists such neighbours too.
  [isicClass, '25.93', /writes 2593, .+ Near it are 2591, 2592, 2599\.$/],
  [isicClass, '29.1', /the class 2910\.$/],
  [isicClass, 'C29', /the classes 2910, 2920, 2930\.$/],
  [isicClass, '4775', /the classes 4771, 4772, 4773, 4774\.$/],
  // A code of Rev. 5.
  [isicClass, '8560', /the classes 8510, .+ 8550\.$/],
]

t.test('a code of another list is refused with the right code', async (t) => {
  for (const [schema, sent, hint] of hints)
    t.match(schema.safeParse(sent).error?.issues[0]?.message, hint, sent)
  t.notMatch(country.safeParse('ZZ').error?.issues[0]?.message, /United Kingdom|Greece|European/)
  t.notMatch(isicClass.safeParse('steel').error?.issues[0]?.message, /Near it|writes/)
})
