import t from 'tap'
import { answerIn } from '../../bench/overload/open-loop.ts'
import {
  dueBy,
  dueMs,
  latencyOf,
  percentile,
  recoverySeconds,
  summaryOf,
  type Outcome,
} from '../../bench/overload/schedule.ts'

const outcome = (dueMs: number, answeredMs: number, status?: number): Outcome => ({
  dueMs,
  answeredMs,
  status,
  hasRetryAfter: status === 503,
})

t.test('requests are due at a fixed rate, and each of them is counted at its instant', async (t) => {
  t.same(
    [0, 1, 2].map((n) => dueMs(n, 400)),
    [0, 2.5, 5],
  )
  t.same(
    [0, 2.4, 2.5, 4.9, 5].map((ms) => dueBy(ms, 400)),
    [1, 1, 2, 2, 3],
  )
})

t.test('latency counts from the scheduled instant, with the wait for a connection', async (t) => {
  t.equal(latencyOf(outcome(100, 340, 200)), 240)
})

t.test('a percentile is a value that was measured', async (t) => {
  const values = Array.from({ length: 200 }, (_, i) => 200 - i)
  t.equal(percentile(values, 0.99), 198)
  t.equal(percentile([7], 0.99), 7)
  t.ok(Number.isNaN(percentile([], 0.99)))
})

t.test(
  'an answer after the end of the load is not served in time, and a 503 without Retry-After has failed',
  async (t) => {
    const refused = outcome(20, 21, 503)
    const outcomes = [
      outcome(0, 10, 200),
      outcome(10, 1200, 200),
      refused,
      { ...refused, hasRetryAfter: false },
      outcome(30, 900),
    ]

    t.match(summaryOf(outcomes, 1), {
      servedPerSecond: 1,
      servedP99Ms: 1190,
      shedShare: 0.2,
      shedP99Ms: 1,
      failedShare: 0.4,
    })
  },
)

t.test('a service has recovered after its last half second with a refusal or a slow answer', async (t) => {
  const fast = [0, 200, 600, 1100, 1600, 2100].map((due) => outcome(due, due + 5, 200))

  t.equal(recoverySeconds(fast, 50), 0)
  t.equal(recoverySeconds([...fast, outcome(700, 701, 503)], 50), 1)
  t.equal(recoverySeconds([...fast, outcome(1200, 1300, 200)], 50), 1.5)
  t.equal(recoverySeconds([...fast, outcome(2200, 2400, 200)], 50), undefined)
})

t.test('an answer is complete when all bytes of its body are there', async (t) => {
  const head =
    'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 5\r\nConnection: close\r\n\r\n'

  t.equal(answerIn(head.slice(0, -1)), undefined)
  t.equal(answerIn(`${head}1234`), undefined)
  t.same(answerIn(`${head}12345HTTP/1.1 200`), {
    status: 503,
    hasRetryAfter: true,
    closes: true,
    length: head.length + 5,
  })
})
