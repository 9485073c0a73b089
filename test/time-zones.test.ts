/** No date depends on the machine: the time zones of the process and of the database change nothing. */
import t, { type Test } from 'tap'
import { pactExpiry } from '../src/pacts/jobs.ts'
import { jobs } from '../src/jobs.ts'
import type { Job } from '../src/platform/jobs/queue.ts'
import { asOwner, cloneDatabase, type TestDatabase } from './databases.ts'
import { visitWorld } from './fixtures/visits.ts'
import { done } from './fixtures/world.ts'

const mandateExpiry = jobs.find((job) => job.name === 'mandates.expire') as Job

/** Minutes behind UTC, as JavaScript counts them. In the first hour of a day in UTC it is still yesterday in Los Angeles. */
const zones = { UTC: 0, 'Pacific/Kiritimati': -840, 'America/Los_Angeles': 420 }
const moments = ['2026-06-30T23:30:00.000Z', '2026-07-01T00:30:00.000Z']

for (const now of moments) {
  t.test(`at ${now}, dates are the same in every zone of the machine and of the database`, async (t) => {
    const outcomes = []
    for (const [zone, minutesBehind] of Object.entries(zones)) {
      standIn(t, zone)
      t.equal(new Date(now).getTimezoneOffset(), minutesBehind, `the process is in ${zone}`)
      outcomes.push(await datesIn(t, now, await databaseIn(zone)))
    }
    const [inUtc, ...elsewhere] = outcomes

    t.match(inUtc, {
      issued: { startsOn: now.slice(0, 10), status: 'active' },
      untilYesterday: [422],
      windows: [[201], [422]],
      beforeMidnight: ['active', 'active'],
      afterMidnight: ['expired', 'active'],
      lastDayOfTerm: ['active'],
      afterTerm: ['expired'],
    })
    for (const outcome of elsewhere) t.strictSame(outcome, inUtc)
  })
}

function standIn(t: Test, zone: string): void {
  const before = process.env['TZ']
  process.env['TZ'] = zone
  t.teardown(() => {
    if (before === undefined) delete process.env['TZ']
    else process.env['TZ'] = before
  })
}

async function databaseIn(zone: string): Promise<TestDatabase> {
  const database = await cloneDatabase()
  const name = new URL(database.ownerUrl).pathname.slice(1)
  await asOwner(database.ownerUrl, `alter database ${name} set timezone = '${zone}'`)
  return database
}

/** Mandates, windows and a term around the next midnights in UTC, as clients see them. */
async function datesIn(t: Test, now: string, from: TestDatabase) {
  const world = await visitWorld(t, { now, from })
  const { ask, travelTo, run, icog, guest, pactId } = world
  const { token } = icog
  const dayFrom = (days: number) => new Date(Date.parse(now) + days * 86_400_000).toISOString().slice(0, 10)
  const issue = (dates: object) =>
    ask('POST', `/v1/organisations/${icog.id}/mandates`, {
      token,
      body: { delegateId: guest.delegateId, office: 'observer', ...dates },
    })
  /** Their statuses after the job has run at that instant; tokens would expire before. */
  const statusesAt = async (instant: string, job: Job, urls: string[]) => {
    travelTo(instant)
    await run(job)
    travelTo(now)
    const answers = await Promise.all(urls.map((url) => ask('GET', url, { token })))
    return answers.map(({ data }) => data.status as string)
  }

  const { startsOn, status, url: untilToday } = done(await issue({ endsOn: dayFrom(0) })).data
  const { url: untilTomorrow } = done(await issue({ office: 'treasurer', endsOn: dayFrom(1) })).data
  const late = await issue({ office: 'delegate', endsOn: dayFrom(-1) })
  const proposals = await Promise.all(
    ['09:00', '09:01'].map((end) =>
      world.propose({ windows: [{ startsAt: `${dayFrom(20)}T09:00`, endsAt: `${dayFrom(80)}T${end}` }] }),
    ),
  )
  const mandates = [untilToday, untilTomorrow] as string[]
  return {
    issued: { startsOn, status },
    untilYesterday: [late.statusCode, late.data.errors],
    windows: proposals.map(({ statusCode, data }) => [statusCode, data.startsAt, data.errors]),
    spans: proposals[0]?.data.windows.map(({ id: _id, ...times }: { id: string }) => times),
    beforeMidnight: await statusesAt(`${dayFrom(0)}T23:59:59.999Z`, mandateExpiry, mandates),
    afterMidnight: await statusesAt(`${dayFrom(1)}T00:00:00.000Z`, mandateExpiry, mandates),
    lastDayOfTerm: await statusesAt(`${dayFrom(365)}T23:59:59.999Z`, pactExpiry, [`/v1/pacts/${pactId}`]),
    afterTerm: await statusesAt(`${dayFrom(366)}T00:00:00.000Z`, pactExpiry, [`/v1/pacts/${pactId}`]),
  }
}
