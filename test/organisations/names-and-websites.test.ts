/** Which names, lists and website addresses an organisation can have. */
import t from 'tap'
import { mtz, openCoordination, registerUnion, verifiedUnion } from '../fixtures/unions.ts'
import { openHouse, type Answer } from '../harness.ts'

t.test('an organisation cannot repeat a list item or have a name without visible characters', async (t) => {
  const house = await openHouse(t)
  const wikidata = { system: 'wikidata', id: 'Q1' }

  const answer = await house.ask('POST', '/v1/organisations', {
    body: {
      ...mtz,
      // A zero-width space, a joiner, a direction mark and the Hangul filler.
      name: '\u200b\u200d\u200e\u3164',
      // The same letter, composed and decomposed.
      nameVariants: ['M\u00e9tal', 'Me\u0301tal'],
      languages: ['be', 'ru', 'be'],
      industries: ['2821', '2821'],
      externalIds: [wikidata, { system: 'wikidata', id: 'Q2' }, wikidata],
      secretary: { displayName: '\u2060', languages: ['be', 'be'] },
    },
  })

  t.equal(answer.statusCode, 422)
  t.same(answer.data.errors.map(({ pointer, code }: Record<string, string>) => `${pointer} ${code}`).sort(), [
    '/externalIds/2 duplicate',
    '/industries/1 duplicate',
    '/languages/2 duplicate',
    '/name forbidden_character',
    '/nameVariants/1 duplicate',
    '/secretary/displayName forbidden_character',
    '/secretary/languages/1 duplicate',
  ])
  const persian = await registerUnion(house, { name: 'می\u200cخواهیم' })
  t.ok(persian.id, 'zero-width characters are kept in names that need them')
})

t.test('a website address with a user name in front of its host is refused', async (t) => {
  const house = await openHouse(t)
  for (const website of [
    'https://icog.example@trap.example',
    'https://u:p@icog.example/',
    'https://:p@icog.example',
  ]) {
    const answer = await house.ask('POST', '/v1/organisations', { body: { ...mtz, website } })
    t.match(answer.data, { status: 422, errors: [{ pointer: '/website', code: 'invalid_format' }] }, website)
  }
  t.ok((await registerUnion(house, { website: 'https://icog.example/@us' })).id)
})

// The registered name of Sorocaba's metal workers in Brazil has 268 characters; Adlam letters are two code units.
t.test(
  'an organisation name can have 400 characters in any script, and the error for more says how many were sent',
  async (t) => {
    const house = await openHouse(t)
    const register = (name: string) =>
      house.ask('POST', '/v1/organisations', {
        body: { kind: 'union', country: 'BR', name, nameVariants: [name], secretary: { displayName: 'Ana' } },
      })

    for (const letter of ['ã', '総', '\u{1e92f}']) {
      const registered = await register(letter.repeat(400))
      t.equal(registered.statusCode, 201, registered.body)
      t.equal(registered.data.organisation.name, letter.repeat(400))
      const { data } = await register(letter.repeat(412))
      const detail = 'is 412 characters long; at most 400 are allowed'
      t.match(data, {
        status: 422,
        errors: [
          { pointer: '/name', code: 'too_big', detail },
          { pointer: '/nameVariants/0', code: 'too_big', detail },
        ],
      })
    }
  },
)

t.test('a website address with a host name in any script is accepted and stored as sent', async (t) => {
  const house = await openHouse(t)
  const register = (website: string) =>
    house.ask('POST', '/v1/organisations', {
      body: { ...mtz, website, secretary: { displayName: 'Vesna' } },
    })

  for (const website of [
    'https://профсоюз.бел',
    'https://профсоюз.рф/о-нас?q=ы#я',
    'http://例え.テスト/',
    'https://xn--e1afmkfd.xn--p1ai',
    'https://نقابة.مصر/صفحة',
    'https://संघ.भारत',
    'HTTPS://Union.Example:8443/a',
  ]) {
    const registered = await register(website)
    t.equal(registered.statusCode, 201, registered.body)
    t.equal(registered.data.organisation.website, website)
  }
  for (const website of [
    'https://бел',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://профсоюз .бел',
    'https:\\\\union.example',
    'https:union.example',
    'https:///union.example',
    'ftp://union.example',
    'javascript:alert(1)',
    'https://-.бел',
    'https://union.123',
  ]) {
    const { data } = await register(website)
    t.match(data, { status: 422, errors: [{ pointer: '/website', code: 'invalid_format' }] }, website)
  }
})

const unseen: [character: string, name: string][] = [
  ['\u200b', 'U+200B ZERO WIDTH SPACE'],
  ['\u2060', 'U+2060 WORD JOINER'],
  ['\ufeff', 'U+FEFF ZERO WIDTH NO-BREAK SPACE'],
  ['\u00ad', 'U+00AD SOFT HYPHEN'],
  ['\u{e0041}', 'U+E0041 TAG A'],
  ['\u3164', 'U+3164 HANGUL FILLER'],
  ['\u115f', 'U+115F HANGUL CHOSEONG FILLER'],
  ['\u1160', 'U+1160 HANGUL JUNGSEONG FILLER'],
  ['\uffa0', 'U+FFA0 HALFWIDTH HANGUL FILLER'],
  ['\u034f', 'U+034F COMBINING GRAPHEME JOINER'],
  ['\u200e', 'U+200E LEFT-TO-RIGHT MARK'],
  ['\u202e', 'U+202E RIGHT-TO-LEFT OVERRIDE'],
  ['\u2066', 'U+2066 LEFT-TO-RIGHT ISOLATE'],
  ['\u2800', 'U+2800 BRAILLE PATTERN BLANK'],
  ['\ufe0f', 'U+FE0F VARIATION SELECTOR-16'],
  ['\u180e', 'U+180E MONGOLIAN VOWEL SEPARATOR'],
  ['\u200d', 'U+200D ZERO WIDTH JOINER'],
  ['\u200c', 'U+200C ZERO WIDTH NON-JOINER'],
  ['\u{e0100}', 'U+E0100 VARIATION SELECTOR-17'],
  ['\u2064', 'U+2064 INVISIBLE PLUS'],
  ['\u{1d173}', 'U+1D173'],
]

t.test('an invisible character in a name is refused, and the error names the character', async (t) => {
  const house = await openHouse(t)
  const { first, icog } = await openCoordination(house)
  const union = await verifiedUnion(house, first, { name: 'Union of Miners' })
  const { token } = icog
  const named = (name: string) => ({ kind: 'union', name, country: 'BY' })
  const secretary = { displayName: 'Vesna' }
  const register = (name: string) =>
    house.ask('POST', '/v1/organisations', { body: { ...named(name), secretary } })
  const everywhere: [pointer: string, ask: (name: string) => Promise<Answer>][] = [
    ['/name', register],
    ['/name', (name) => house.ask('POST', '/v1/addressees', { token: first.token, body: named(name) })],
    [
      '/name',
      (name) => house.askFresh('POST', `${union.url}/renamings`, { token: union.token, body: { name } }),
    ],
    [
      '/nameVariants/0',
      (name) => house.askFresh('PATCH', union.url, { token: union.token, body: { nameVariants: [name] } }),
    ],
    [
      '/abbreviation',
      (name) => house.askFresh('PATCH', union.url, { token: union.token, body: { abbreviation: name } }),
    ],
    [
      '/displayName',
      (displayName) =>
        house.ask('POST', '/v1/delegates', { token, body: { organisationId: icog.id, displayName } }),
    ],
    [
      '/displayName',
      (displayName) =>
        house.askFresh('PATCH', `/v1/delegates/${icog.delegateId}`, { token, body: { displayName } }),
    ],
    [
      '/secretary/displayName',
      (displayName) =>
        house.ask('POST', '/v1/organisations', { body: { ...named('Miners'), secretary: { displayName } } }),
    ],
    ['/title', (title) => house.ask('POST', '/v1/pacts', { token, body: { title } })],
  ]

  for (const [character, name] of unseen) {
    const { data } = await register(`Union of Mi${character}ners`)
    t.match(data, { status: 422, errors: [{ pointer: '/name', code: 'forbidden_character' }] }, name)
    t.equal(data.errors[0].detail, `contains ${name}, which is invisible; remove it`)
  }
  for (const [pointer, ask] of everywhere) {
    const { data } = await ask('Union\u200b')
    const fault = { pointer, code: 'forbidden_character', detail: /U\+200B ZERO WIDTH SPACE/ }
    t.match(
      data.errors?.find((one: { pointer: string }) => one.pointer === pointer),
      fault,
      pointer,
    )
  }
  const { data } = await register('Union\rof Miners')
  t.match(data.errors, [{ detail: 'contains U+000D CARRIAGE RETURN; it must be one line' }])
})

t.test(
  'joiners and variation selectors in a name are kept where a script or an emoji needs them',
  async (t) => {
    const house = await openHouse(t)

    for (const name of [
      'اتحادیه\u200cهای کارگران', // Persian plural
      'क\u094d\u200dष श्रमिक संघ', // Hindi, a half letter
      'ശ്രമിക സംഘം മന\u0d4d\u200d', // Malayalam, a chillu as it was once written
      'ශ\u0dca\u200dර\u0dd3 ලංකා', // Sinhala
      '葛\u{e0100}飾区労働組合', // a Japanese variant of a character
      'ᠮᠣᠩᠭ\u180bᠣᠯ', // Mongolian
      'Union 👩\u200d🏭 ✊\ufe0f',
      'Сою\u0437 й ў ї',
      'Союз и\u0306 у\u0306 і\u0308',
    ]) {
      const registered = await house.ask('POST', '/v1/organisations', {
        body: { kind: 'union', country: 'BY', name, secretary: { displayName: 'Vesna' } },
      })
      t.equal(registered.statusCode, 201, `${name}: ${registered.body}`)
      t.equal(registered.data.organisation.name, name)
    }
  },
)
