import t, { type Test } from 'tap'
import { renewSkeletons } from '../../src/organisations/possible-duplicates/queries.ts'
import { skeletonRenewal } from '../../src/organisations/possible-duplicates/skeleton-renewal.ts'
import { skeletonsVersion } from '../../src/platform/wire/skeletons.ts'
import { asOwner } from '../databases.ts'
import { openCoordination, registerUnion, verifiedUnion } from '../fixtures/unions.ts'
import { openHouse } from '../harness.ts'

const real = {
  name: 'Minsk Automobile Union',
  nameVariants: ['Союз автозавода'],
  abbreviation: 'МАЗ',
  country: 'BY',
}

async function world(t: Test) {
  const house = await openHouse(t)
  const people = await openCoordination(house)
  const union = await verifiedUnion(house, people.first, real)
  const register = (described: object) =>
    house.ask('POST', '/v1/organisations', {
      body: { kind: 'union', country: 'BY', secretary: { displayName: 'Vesna' }, ...described },
    })
  const verify = (url: string, more: object = {}) =>
    house.askFresh('POST', `${url}/transitions`, {
      token: people.first.token,
      body: { move: 'verify', ...more },
    })
  return { house, ...house, ...people, union, register, verify }
}

const lookalikes: Record<string, string> = {
  'Cyrillic letters in a Latin name': 'Мinsk Аutоmоbilе Uniоn',
  'wide letters': 'Ｍｉｎｓｋ Ａｕｔｏｍｏｂｉｌｅ Ｕｎｉｏｎ',
  'mathematical letters': '𝐌𝐢𝐧𝐬𝐤 𝐀𝐮𝐭𝐨𝐦𝐨𝐛𝐢𝐥𝐞 𝐔𝐧𝐢𝐨𝐧',
  'a digit and a bar in place of letters': 'M1nsk Aut0m0b|le Un1on',
  'Greek letters and other capitals': 'ΜINSK ΑUTΟΜΟΒILΕ UNIΟN',
  'other accents': 'Mínsk Autömobile Unıon',
  'another name in Latin letters for a Cyrillic variant': 'Coюз aвтoзaвoдa',
  'a look-alike with more words': 'Мinsk Аutоmоbilе Uniоn 1',
}

for (const [how, name] of Object.entries(lookalikes)) {
  t.test(
    `a name that looks like the name of a verified organisation is reported as a possible duplicate: ${how}`,
    async (t) => {
      const { union, register, verify, ask, first } = await world(t)

      const registered = await register({ name })

      t.equal(registered.statusCode, 201, registered.body)
      t.match(registered.data['possibleDuplicates'], [{ id: union.id, name: real.name }])
      const { url } = registered.data['organisation']
      const refused = await verify(url)
      t.match(refused.data, {
        status: 409,
        code: 'possible_duplicates',
        possibleDuplicates: [{ id: union.id }],
      })
      t.match((await ask('GET', url, { token: first.token })).data, { status: 'provisional', version: 1 })
      t.match((await verify(url, { acknowledged: false })).data, { code: 'possible_duplicates' })
      t.match((await verify(url, { acknowledged: true })).data, { status: 'verified' })
    },
  )
}

t.test('verification of a name without similar names in its country needs no acknowledgement', async (t) => {
  const { register, verify } = await world(t)

  for (const described of [{ name: 'Bakers of Brest' }, { name: real.name, country: 'PL' }]) {
    const registered = await register(described)
    t.same(registered.data['possibleDuplicates'], [])
    t.match((await verify(registered.data['organisation'].url)).data, { status: 'verified' })
  }
})

t.test('a coordinator must acknowledge a variant or renaming that looks like another name', async (t) => {
  const { house, union, first, ask, askFresh, register, verify } = await world(t)
  const young = await registerUnion(house, { name: 'Bakers of Brest' })
  const looks = { nameVariants: ['Мinsk Аutоmоbilе Uniоn'] }
  await askFresh('PATCH', young.url, { token: young.token, body: looks })
  t.match((await verify(young.url)).data, {
    code: 'possible_duplicates',
    possibleDuplicates: [{ id: union.id }],
  })
  const other = await verifiedUnion(house, first, { name: 'Weavers of Orsha' })
  const renaming = (token: string, more: object = {}) =>
    ask('POST', `${other.url}/renamings`, {
      token,
      headers: { 'if-match': '*' },
      body: { name: 'Мinsk Аutоmоbilе Uniоn', ...more },
    })

  t.equal((await renaming(other.token)).statusCode, 200, 'the secretary requests it')
  t.match((await renaming(first.token)).data, { status: 409, code: 'possible_duplicates' })
  t.match((await renaming(first.token, { acknowledged: true })).data, { name: 'Мinsk Аutоmоbilе Uniоn' })
  const third = await register({ name: 'Minsk Automobile Union' })
  const found = third.data['possibleDuplicates'].map(({ id }: { id: string }) => id)
  t.same(found.sort(), [union.id, other.id].sort(), 'it is found by its new name')
})

t.test(
  'only coordinators, the operator and its own administrators list the possible duplicates of an organisation, without hidden ones',
  async (t) => {
    const { house, ask, union, first, icog, register } = await world(t)
    const registered = await register({ name: 'Мinsk Аutоmоbilе Uniоn' })
    const { organisation, token } = registered.data
    const url = `${organisation.url}/possible-duplicates`

    for (const by of [first.token, house.operatorToken, token.secret])
      t.match((await ask('GET', url, { token: by })).data, { data: [{ id: union.id, name: real.name }] })
    t.equal((await ask('GET', url)).statusCode, 401)
    t.equal(
      (await ask('GET', url, { token: union.token })).statusCode,
      403,
      'a union sees the other, not this',
    )
    t.equal((await ask('GET', url, { token: icog.token })).statusCode, 403)
    const sealed = await ask('PUT', `${union.url}/seal`, { token: union.token })
    t.ok(sealed.statusCode < 300, sealed.body)
    t.same(
      (await ask('GET', url, { token: first.token })).data,
      { data: [] },
      'a sealed one is shown to nobody',
    )
  },
)

t.test(
  'a job recomputes outdated name skeletons without changing the version of the organisation',
  async (t) => {
    const { house, union, register, ask } = await world(t)
    await asOwner(house.ownerUrl, "update organisations set skeletons = '', skeletons_version = 0")
    t.same((await register({ name: 'Мinsk Аutоmоbilе Uniоn' })).data['possibleDuplicates'], [])
    const before = (await ask('GET', union.url)).data

    await house.run(skeletonRenewal)

    t.same((await ask('GET', union.url)).data, before)
    t.match((await register({ name: 'Мinsk Аutоmоbilе Unоn' })).data['possibleDuplicates'][0], { id: /./ })
    const { rows } = await house.database.read.$client.query(
      'select 1 from organisations where skeletons_version = 0',
    )
    t.same(rows, [])
  },
)

t.test('the job does not overwrite name skeletons of a newer version of the service', async (t) => {
  const { house, union } = await world(t)
  const newer = `update organisations set skeletons = 'newer', skeletons_version = ${skeletonsVersion + 1} where id = '${union.id}'`
  await asOwner(house.ownerUrl, newer)

  await house.run(skeletonRenewal)
  await house.database.transaction((tx) => renewSkeletons(tx, union.id))

  const { rows } = await house.database.read.$client.query(
    'select skeletons, skeletons_version from organisations where id = $1',
    [union.id],
  )
  t.same(rows, [{ skeletons: 'newer', skeletons_version: skeletonsVersion + 1 }])
})
