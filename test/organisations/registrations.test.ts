import t from 'tap'
import {
  absentId,
  ledgerOf,
  openCoordination,
  plainly,
  registerUnion,
  seat,
  verifiedUnion,
} from '../fixtures/unions.ts'
import { openHouse, type Answer } from '../harness.ts'

const mtz = {
  kind: 'strike_committee',
  name: 'Strike committee of the Minsk Tractor Works',
  nameVariants: ['Минский тракторный завод', 'Minsk tractor'],
  abbreviation: 'МТЗ',
  country: 'BY',
  languages: ['be', 'ru'],
  industries: ['2821'],
}

t.test('anyone can register an organisation and gets the token of its first secretary', async (t) => {
  const house = await openHouse(t)

  const registered = await house.ask('POST', '/v1/organisations', {
    body: { ...mtz, secretary: { displayName: 'Vesna' } },
  })

  t.equal(registered.statusCode, 201, registered.body)
  const { organisation, secretary, mandate, token, possibleDuplicates } = registered.data
  t.match(organisation, { ...mtz, status: 'provisional', version: 1, allowedMoves: [], region: null })
  t.equal(registered.headers.location, organisation.url)
  t.same(possibleDuplicates, [])
  t.match(token, { secret: /^spt_[\w-]{43}$/, expiresAt: '2026-04-01T10:00:00.000Z' })
  const me = await house.ask('GET', '/v1/me', { token: token.secret })
  t.match(me.data, {
    kind: 'delegate',
    delegate: secretary,
    mandates: [{ id: mandate.id, office: 'secretary', organisation: { id: organisation.id } }],
  })
  t.match(await ledgerOf(house, organisation.id), [
    { type: 'organisation.registered', actor_kind: 'anonymous' },
  ])
  t.match(await ledgerOf(house, mandate.id), [
    { type: 'mandate.activated', details: { office: 'secretary' } },
  ])
})

t.test(
  'a provisional organisation is visible to its own people and to verified organisations, and missing for everybody else',
  async (t) => {
    const house = await openHouse(t)
    const { first } = await openCoordination(house)
    const verified = await verifiedUnion(house, first, { name: 'Verified' })
    const young = await registerUnion(house, { name: 'Young' })
    const foreign = await registerUnion(house, { name: 'Foreign' })

    for (const token of [young.token, verified.token, first.token, house.operatorToken]) {
      t.equal((await house.ask('GET', young.url, { token })).statusCode, 200)
    }
    for (const token of [undefined, foreign.token]) {
      const hidden = await house.ask('GET', young.url, { token })
      const missing = await house.ask('GET', `/v1/organisations/${absentId}`, { token })
      t.equal(hidden.statusCode, 404)
      t.same(plainly(hidden), plainly(missing))
      const headless = ({ headers }: typeof hidden) => {
        const { 'request-id': _id, date: _date, ratelimit: _left, ...others } = headers
        return others
      }
      // The path is part of the body and has the same length in both.
      t.same(headless(hidden), headless(missing))
    }
  },
)

t.test('registration lists possible duplicates, most similar first, and merges nothing', async (t) => {
  const house = await openHouse(t)
  const { first } = await openCoordination(house)
  const tractor = await verifiedUnion(house, first, mtz)
  const works = await verifiedUnion(house, first, { name: 'Минский тракторный' })
  await verifiedUnion(house, first, { ...mtz, country: 'DE' })
  await registerUnion(house, { ...mtz, name: 'A provisional one is none of the public’s business' })

  const registered = await house.ask('POST', '/v1/organisations', {
    body: { ...mtz, name: 'Mинский тракторный', secretary: { displayName: 'Mara' } },
  })

  t.equal(registered.statusCode, 201)
  t.same(
    registered.data.possibleDuplicates.map(({ id }: { id: string }) => id),
    [tractor.id, works.id],
  )
})

t.test('a secretary changes the details of the organisation', async (t) => {
  const house = await openHouse(t)
  const union = await registerUnion(house, mtz)

  const changed = await house.askFresh('PATCH', union.url, {
    token: union.token,
    body: {
      about: 'All shifts.',
      abbreviation: null,
      memberCount: 17_000,
      externalIds: [{ system: 'wikidata', id: 'Q1' }],
    },
  })

  t.equal(changed.statusCode, 200, changed.body)
  t.match(changed.data, { ...mtz, about: 'All shifts.', abbreviation: null, memberCount: 17_000, version: 2 })
  const [, told] = await ledgerOf(house, union.id)
  t.match(told, { type: 'organisation.changed', mandate_id: union.mandateId })
  t.same(told?.details, { fields: ['abbreviation', 'about', 'externalIds', 'memberCount'] })
  t.notMatch(JSON.stringify(told), 'All shifts', 'the ledger names the fields, never their values')
  const state = await house.askFresh('PATCH', union.url, {
    token: union.token,
    body: { status: 'verified', kind: 'union' },
  })
  t.match(
    state.data.errors,
    [{ pointer: '/status' }, { pointer: '/kind' }],
    'a state is never set by a change',
  )
})

t.test('an organisation cannot have a region of another country, even after a change of one', async (t) => {
  const house = await openHouse(t)
  const { first } = await openCoordination(house)
  const union = await registerUnion(house, { ...mtz, region: 'BY-MI' })
  const elsewhere = { ...mtz, region: 'DE-BW' }
  const change = (body: object) => house.askFresh('PATCH', union.url, { token: union.token, body })
  const fault = (pointer: string) => ({
    status: 422,
    errors: [{ pointer, code: 'region_of_another_country' }],
  })

  const registered = await house.ask('POST', '/v1/organisations', {
    body: { ...elsewhere, secretary: { displayName: 'Mara' } },
  })
  t.match(registered.data, fault('/region'))
  const announced = await house.ask('POST', '/v1/addressees', { token: first.token, body: elsewhere })
  t.match(announced.data, fault('/region'))
  t.match((await change({ region: 'DE-BW' })).data, fault('/region'))
  t.match((await change({ country: 'DE' })).data, fault('/country'))
  t.match((await change({ country: 'DE', region: 'DE-BW' })).data, { country: 'DE', region: 'DE-BW' })
  t.match((await change({ country: 'BY', region: null })).data, { country: 'BY', region: null })
})

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

t.test('only an administrator can change an organisation', async (t) => {
  const house = await openHouse(t)
  const { first } = await openCoordination(house)
  const union = await verifiedUnion(house, first)
  const delegate = await seat(house, union, { office: 'delegate' })
  const provisional = await registerUnion(house, { name: 'Hidden' })
  const change = (token: string | undefined, url = union.url) =>
    house.ask('PATCH', url, { token, body: { about: 'x' }, headers: { 'if-match': '*' } })

  t.equal((await change(undefined)).statusCode, 401)
  for (const token of [delegate.token, first.token, provisional.token, house.operatorToken]) {
    t.match((await change(token)).data, { status: 403, code: 'forbidden' })
  }
  const stranger = await registerUnion(house, { name: 'Stranger' })
  t.same(
    plainly(await change(stranger.token, provisional.url)),
    plainly(await change(stranger.token, `/v1/organisations/${absentId}`)),
  )
  t.match((await house.ask('GET', union.url)).data, { about: null, version: 2 })
})

t.test('a coordinator creates an unclaimed organisation', async (t) => {
  const house = await openHouse(t)
  const { icog, first } = await openCoordination(house)
  const verified = await verifiedUnion(house, first)
  const announce = (token: string | undefined) => house.ask('POST', '/v1/addressees', { token, body: mtz })

  const announced = await announce(first.token)

  t.equal(announced.statusCode, 201, announced.body)
  t.match(announced.data, { ...mtz, status: 'unclaimed', allowedMoves: [] })
  t.match(await ledgerOf(house, announced.data.id), [
    { type: 'organisation.announced', mandate_id: first.mandateId },
  ])
  t.equal((await house.ask('GET', announced.data.url)).statusCode, 404, 'out of public sight')
  t.equal((await house.ask('GET', announced.data.url, { token: verified.token })).statusCode, 200)
  t.equal((await announce(undefined)).statusCode, 401)
  for (const token of [verified.token, icog.token, house.operatorToken]) {
    t.equal((await announce(token)).statusCode, 403, 'only a coordinator can do this')
  }
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
