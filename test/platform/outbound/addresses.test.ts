import t from 'tap'
import { isPrivateUnicast, isPublicUnicast } from '../../../src/platform/outbound/addresses.ts'
import { publicInternet, send } from '../../../src/platform/outbound/outbound.ts'

const publicAddresses = [
  ...['1.1.1.1', '8.8.8.8', '100.63.255.255', '100.128.0.0', '126.255.255.255', '172.15.255.255'],
  ...['172.32.0.0', '169.253.255.255', '169.255.0.0', '198.17.255.255', '198.20.0.0', '223.255.255.255'],
  ...[
    '2606:4700:4700::1111',
    '2a00:1450:4001::200e',
    '2001:200::1',
    '2003::1',
    '2001:4860:4860:0:0:0:0:8888',
  ],
]

/** Addresses by their range in IANA's registries of special addresses. */
const otherAddresses: Record<string, string[]> = {
  'this host': ['0.0.0.0', '0.1.2.3', '::'],
  loopback: ['127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1'],
  'private networks': ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.1', 'fc00::1', 'fd00:ec2::254'],
  "providers' own": ['100.64.0.1', '100.100.100.200', '100.127.255.255'],
  'link-local': ['169.254.0.1', '169.254.169.254', 'fe80::1', 'febf::1', 'fe80::1%eth0', 'fe80::1%1'],
  'site-local': ['fec0::1'],
  'IPv4 in IPv6, compatible': ['::7f00:1', '::127.0.0.1', '::a00:1', '::808:808'],
  'IPv4 in IPv6, mapped': ['::ffff:7f00:1', '::ffff:127.0.0.1', '::FFFF:0a00:0001', '::ffff:8.8.8.8'],
  'IPv4 in IPv6, translated': ['::ffff:0:7f00:1', '64:ff9b::7f00:1', '64:ff9b::8.8.8.8', '64:ff9b:1::a00:1'],
  '6to4 and Teredo': ['2002:7f00:1::', '2002:808:808::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  protocols: ['192.0.0.1', '192.88.99.1', '192.31.196.1', '192.52.193.1', '192.175.48.1', '2001:1::1'],
  'tests and examples': ['192.0.2.1', '198.18.0.1', '198.19.255.255', '198.51.100.1', '203.0.113.1'],
  'tests and examples, IPv6': ['2001:db8::1', '3fff::1', '2001:2::1', '2001:20::1', '5f00::1', '100::1'],
  'not given out': ['240.0.0.1', '4000::1', '8000::1', '1::1', '100:0:0:1::1', 'e000::1'],
  'to many': ['224.0.0.1', '239.255.255.255', '255.255.255.255', 'ff02::1', 'ff0e::1'],
  'no address': ['', 'localhost', '2130706433', '0x7f000001', '0177.0.0.1', '127.1', '08.8.8.8', ' 8.8.8.8'],
  'no address either': [
    '8.8.8.8/32',
    '[2606:4700::1]',
    '2606:4700::1%eth0',
    '8.8.8.8\n',
    '8.8.8.8.',
    '8.8.8',
  ],
}

t.test('a public IP address is allowed', async (t) => {
  for (const address of publicAddresses) t.ok(isPublicUnicast(address), address)
})

for (const [range, addresses] of Object.entries(otherAddresses)) {
  t.test(`not public: ${range}`, async (t) => {
    for (const address of addresses) t.notOk(isPublicUnicast(address), address)
  })
}

t.test('private networks exclude the metadata addresses of clouds', async (t) => {
  for (const address of ['127.0.0.1', '::1', '10.1.2.3', '192.168.1.1', '100.64.0.1', 'fd00::1'])
    t.ok(isPrivateUnicast(address), address)
  for (const address of [
    '169.254.169.254',
    'fe80::1',
    '0.0.0.0',
    '::',
    '::ffff:10.0.0.1',
    '224.0.0.1',
    '8.8.8.8',
  ])
    t.notOk(isPrivateUnicast(address), address)
})

/** Spellings that the parser reads as one of the addresses above. */
const spellings = [
  ...['2130706433', '0x7f000001', '0x7F.1', '017700000001', '0177.0.0.1', '127.1', '127.0.1', '127.0.0.1.'],
  ...[
    '0300.0250.1',
    '3232235777',
    '0xa9fea9fe',
    '2852039166',
    '0251.0376.0251.0376',
    '169.254.43518',
    '0',
    '0x0',
  ],
  ...['%31%32%37.0.0.1', '①②⑦.⓪.⓪.①', '１２７．０．０．１', '127。0。0。1', '0x64.0x40.0.1', '1681915905'],
  ...['[::1]', '[::]', '[::7f00:1]', '[::ffff:7f00:1]', '[::ffff:127.0.0.1]', '[64:ff9b::a9fe:a9fe]'],
  ...['[0:0:0:0:0:FFFF:127.0.0.1]', '[2002:7f00:1::]', '[fd00:ec2::254]', '[fe80::1]', '[2001:db8::1]'],
]
for (const spelling of spellings) {
  t.test(`https://${spelling}/ is refused before anything is looked up or connected`, async (t) => {
    const outcome = await send(
      { method: 'GET', url: `https://${spelling}/` },
      {
        policy: publicInternet,
        resolve: async () => t.fail('nothing to look up') as unknown as string[],
        deadline: (milliseconds) => AbortSignal.timeout(milliseconds),
      },
    )

    t.strictSame(outcome, { outcome: 'refused', reason: 'address_not_public' })
  })
}
