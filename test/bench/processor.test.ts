import t from 'tap'
import { processTimesIn } from '../../bench/processor.ts'

const statOf = (name: string) =>
  `4242 (${name}) S 17 4242 4242 0 -1 4194560 9000 80 3 0 250 50 7 3 20 0 11 0 1234 1000000 5000 18446744073709551615`

t.test('processor time is that of the process and of its children that have ended', async (t) => {
  t.same(processTimesIn(statOf('node')), { parent: 17, ticks: 250 + 50 + 7 + 3 })
})

t.test('a name with blanks and brackets does not shift the fields', async (t) => {
  t.same(processTimesIn(statOf('postgres: bench (idle) in transaction')), processTimesIn(statOf('node')))
})
