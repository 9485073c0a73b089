import { createHash } from 'node:crypto'
import t from 'tap'
import { canonicalJson, digestOf } from '../../../src/platform/wire/canonical-json.ts'

t.test('the example of RFC 8785, section 3.2.2, is spelled as in section 3.2.3', async (t) => {
  const value = {
    numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
    literals: [null, true, false],
  }
  const bytes =
    '7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b33333333333333' +
    '33332e333333333333332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac24' +
    '5c75303030665c6e4127425c225c5c5c5c5c222f227d'
  t.equal(Buffer.from(canonicalJson(value), 'utf8').toString('hex'), bytes)
})

t.test('keys are ordered by UTF-16 units, as in the example of section 3.2.3', async (t) => {
  const value = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '\ud83d\ude00': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    '\u00f6': 'Latin Small Letter O With Diaeresis',
  }
  t.same(canonicalJson(value).match(/(?<=:")[^"]+/g), [
    'Carriage Return',
    'One',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ])
})

t.test('numbers are spelled as in appendix B', async (t) => {
  const numbers = {
    '0000000000000000': '0',
    '8000000000000000': '0',
    '0000000000000001': '5e-324',
    '8000000000000001': '-5e-324',
    '7fefffffffffffff': '1.7976931348623157e+308',
    ffefffffffffffff: '-1.7976931348623157e+308',
    '4340000000000000': '9007199254740992',
    c340000000000000: '-9007199254740992',
    '4430000000000000': '295147905179352830000',
    '44b52d02c7e14af5': '9.999999999999997e+22',
    '44b52d02c7e14af6': '1e+23',
    '44b52d02c7e14af7': '1.0000000000000001e+23',
    '444b1ae4d6e2ef4e': '999999999999999700000',
    '444b1ae4d6e2ef4f': '999999999999999900000',
    '444b1ae4d6e2ef50': '1e+21',
    '3eb0c6f7a0b5ed8c': '9.999999999999997e-7',
    '3eb0c6f7a0b5ed8d': '0.000001',
    '41b3de4355555553': '333333333.3333332',
    '41b3de4355555554': '333333333.33333325',
    '41b3de4355555555': '333333333.3333333',
    '41b3de4355555556': '333333333.3333334',
    '41b3de4355555557': '333333333.33333343',
    becbf647612f3696: '-0.0000033333333333333333',
    '43143ff3c1cb0959': '1424953923781206.2',
  }
  for (const [bits, text] of Object.entries(numbers)) {
    t.equal(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE()), text)
  }
})

t.test('the order of keys changes neither the canonical JSON nor the digest', async (t) => {
  const one = { title: 'Pact', texts: { be: 'Пакт', en: 'Pact' }, promises: [{ kind: 'protest', days: 3 }] }
  const other = { promises: [{ days: 3, kind: 'protest' }], texts: { en: 'Pact', be: 'Пакт' }, title: 'Pact' }
  t.equal(canonicalJson(one), canonicalJson(other))
  t.equal(digestOf(one), digestOf(other))
})

t.test('the order of a list, one letter, one type and one normal form change the digest', async (t) => {
  const values = [['a', 'b'], ['b', 'a'], ['a', 'B'], { 0: 'a', 1: 'b' }, ['é'], ['e\u0301'], [1], ['1']]
  t.equal(new Set(values.map(digestOf)).size, values.length)
})

t.test('the digest is the SHA-256 of the UTF-8 text in lower-case hex', async (t) => {
  t.equal(digestOf({}), '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a')
  const bytes = Buffer.from('{"a":1,"b":"Мінск"}', 'utf8')
  t.equal(digestOf({ b: 'Мінск', a: 1 }), createHash('sha256').update(bytes).digest('hex'))
})

const circle: unknown[] = []
circle.push(circle)

const inexpressible = {
  undefined: undefined,
  'undefined in an object': { a: 1, b: undefined },
  'undefined in a list': [undefined],
  'a hole in a list': new Array(1),
  'a function': () => 1,
  'a function in an object': { a: () => 1 },
  'a symbol': Symbol('a'),
  'a big integer': 1n,
  'a big integer in a list': [1n],
  'a date': { at: new Date(0) },
  'a map': new Map([['a', 1]]),
  bytes: { key: Buffer.from('a') },
  'an object that spells itself': { toJSON: () => 'a' },
  NaN: Number.NaN,
  infinity: { a: [Number.POSITIVE_INFINITY] },
  'a lone surrogate': { a: '\ud800' },
  'a lone surrogate in a key': { '\udc00': 1 },
  'a circle': circle,
}

for (const [name, value] of Object.entries(inexpressible)) {
  t.test(`${name} has no canonical JSON`, async (t) => {
    t.throws(() => canonicalJson(value), TypeError)
    t.throws(() => digestOf(value), TypeError)
  })
}

t.test('a key called __proto__ and an object without a prototype are plain values', async (t) => {
  t.equal(canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":2}}')), '{"__proto__":{"a":2},"b":1}')
  t.equal(canonicalJson(Object.assign(Object.create(null), { a: 1 })), '{"a":1}')
})

t.test('depth does not exhaust the stack', async (t) => {
  const depth = 50_000
  let nested: unknown = 0
  for (let level = 0; level < depth; level++) nested = [nested]
  t.equal(canonicalJson(nested).length, 2 * depth + 1)
})
