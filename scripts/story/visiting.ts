/** Two members of the committee visit Stuttgart in the week in which the clocks change. */
import { sample } from './facts.ts'
import { enrolDelegate, type Coordination } from './founding.ts'
import type { Committee } from './negotiation.ts'
import type { Stage } from './stage.ts'
import type { Answer, Asked, Teller } from './telling.ts'

type Pair = { icog: Coordination; committee: Committee; pactId: string }
type Guest = { id: string; token: string }

export async function visitEachOther(teller: Teller, stage: Stage, pair: Pair): Promise<void> {
  teller.chapter('A visit to Stuttgart')
  const { friday, tuesday } = weekOfTheClocks(stage.now())
  const guests = await enrolGuests(teller, pair.committee)
  const visit = await propose(teller, pair, [window(friday, tuesday)], 'a visit of five days')
  teller.check(
    '09:00 in Stuttgart is 07:00Z before the clocks change',
    visit.windows[0].startsAt.includes('T07:00:00'),
  )
  teller.check('… and 17:00 is 16:00Z after', visit.windows[0].endsAt.includes('T16:00:00'))
  await accept(teller, pair, visit)
  await bringGuests(teller, pair, visit.url, guests)
  await refuseDoubleBooking(teller, pair, { friday, tuesday, guest: guests[0] as Guest })
  await confirmTwice(teller, pair, visit)
  await completeAndReport(teller, stage, pair, { url: visit.url, friday, tuesday })
}

/** The Friday before, and the Tuesday after, the last Sunday of the next October that is at least a week away. */
function weekOfTheClocks(now: Date): { friday: string; tuesday: string } {
  const sunday = lastSundayOfOctober(now.getUTCFullYear())
  const soon = now.getTime() + 9 * day
  const chosen = sunday.getTime() > soon ? sunday : lastSundayOfOctober(now.getUTCFullYear() + 1)
  return { friday: dateOf(chosen.getTime() - 2 * day), tuesday: dateOf(chosen.getTime() + 2 * day) }
}

const day = 86_400_000
const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10)

function lastSundayOfOctober(year: number): Date {
  const last = new Date(Date.UTC(year, 9, 31))
  return new Date(last.getTime() - last.getUTCDay() * day)
}

const window = (from: string, to: string) => ({ startsAt: `${from}T09:00`, endsAt: `${to}T17:00` })

async function enrolGuests(teller: Teller, committee: Committee): Promise<Guest[]> {
  const guests: Guest[] = []
  for (const displayName of sample.guests) {
    const secrets: string[] = []
    const person = { organisationId: committee.id, displayName, secretary: committee.secretary }
    const delegateId = await enrolDelegate(teller, person, secrets)
    await teller.step(
      `${displayName} is given a delegate’s mandate.`,
      {
        method: 'POST',
        path: `/v1/organisations/${committee.id}/mandates`,
        token: committee.secretary,
        body: { delegateId, office: 'delegate' },
      },
      201,
    )
    guests.push({ id: delegateId, token: secrets[0] as string })
  }
  return guests
}

async function propose(teller: Teller, pair: Pair, windows: object[], what: string): Promise<Answer['body']> {
  const proposed = await teller.step(
    `The committee proposes ${what}.`,
    {
      method: 'POST',
      path: '/v1/visits',
      token: pair.committee.secretary,
      body: {
        pactId: pair.pactId,
        organisationId: pair.committee.id,
        hostId: pair.icog.id,
        visitorId: pair.committee.id,
        purpose: 'See how the work is organised there, and tell of the strike.',
        mode: 'in_person',
        place: sample.place,
        country: 'DE',
        timeZone: sample.timeZone,
        windows,
      },
    },
    201,
  )
  return proposed.body
}

async function accept(teller: Teller, pair: Pair, visit: Answer['body']): Promise<void> {
  await teller.change(
    'The host accepts and chooses the window.',
    {
      method: 'POST',
      path: `${visit.url}/acceptances`,
      token: pair.icog.coordinator,
      body: { windowId: visit.windows[0].id },
    },
    201,
  )
}

async function bringGuests(teller: Teller, pair: Pair, visitUrl: string, guests: Guest[]): Promise<void> {
  for (const guest of guests) {
    const participantUrl = await nominate(teller, pair, visitUrl, guest)
    await teller.change(
      'The nominated person agrees; the days are reserved for them.',
      move(participantUrl, guest.token, 'agree'),
      200,
    )
    await teller.change(
      'Everything is ready for the journey.',
      move(participantUrl, pair.committee.secretary, 'get_ready'),
      200,
    )
  }
}

async function nominate(teller: Teller, pair: Pair, visitUrl: string, guest: Guest): Promise<string> {
  const nominated = await teller.step(
    'The committee nominates a guest.',
    {
      method: 'POST',
      path: `${visitUrl}/participants`,
      token: pair.committee.secretary,
      body: { delegateId: guest.id },
    },
    201,
  )
  return nominated.body.url
}

const move = (url: string, token: string, name: string, reason?: string): Asked => ({
  method: 'POST',
  path: `${url}/transitions`,
  token,
  body: { move: name, ...(reason === undefined ? {} : { reason }) },
})

type Busy = { friday: string; tuesday: string; guest: Guest }

/** The same person cannot be in two places. */
async function refuseDoubleBooking(teller: Teller, pair: Pair, { friday, guest }: Busy): Promise<void> {
  const second = await propose(
    teller,
    pair,
    [{ startsAt: `${friday}T12:00`, endsAt: `${friday}T18:00` }],
    'a second visit, on a day that overlaps',
  )
  await accept(teller, pair, second)
  const participantUrl = await nominate(teller, pair, second.url, guest)
  await teller.change(
    'The guest is elsewhere at that time, and cannot be booked twice.',
    move(participantUrl, guest.token, 'agree'),
    409,
  )
  await teller.change(
    'The second visit is cancelled.',
    move(second.url, pair.committee.secretary, 'cancel', 'The days overlap.'),
    200,
  )
}

async function confirmTwice(teller: Teller, pair: Pair, visit: Answer['body']): Promise<void> {
  const confirmation = (organisationId: string, token: string): Asked => ({
    method: 'POST',
    path: `${visit.url}/confirmations`,
    token,
    body: { windowId: visit.windows[0].id, organisationId },
  })
  const byHost = confirmation(pair.icog.id, pair.icog.coordinator)
  await teller.atOnce(
    'The host confirms from two devices at once: one confirmation counts.',
    [byHost, byHost],
    [201, 409],
  )
  await teller.step(
    'The guests’ side confirms too.',
    confirmation(pair.committee.id, pair.committee.secretary),
    201,
  )
}

type When = { url: string; friday: string; tuesday: string }

/** Nobody can wait for October on a server with a real clock. */
async function completeAndReport(
  teller: Teller,
  stage: Stage,
  pair: Pair,
  { url, friday, tuesday }: When,
): Promise<void> {
  if (!stage.travelTo) return
  const host = pair.icog.coordinator
  stage.travelTo(`${friday}T08:00:00.000Z`)
  await teller.change('Friday morning: the guests are here.', move(url, host, 'start'), 200)
  stage.travelTo(`${tuesday}T17:00:00.000Z`)
  await teller.change('Tuesday evening: they are on their way home.', move(url, host, 'complete'), 200)
  const report = (organisationId: string, token: string, text: string): Asked => ({
    method: 'POST',
    path: `${url}/reports`,
    token,
    body: { organisationId, language: 'en', text },
  })
  await teller.step(
    'The host reports.',
    report(pair.icog.id, host, 'Two guests, five days, three assemblies.'),
    201,
  )
  await teller.step(
    'So do the guests.',
    report(pair.committee.id, pair.committee.secretary, 'We were heard.'),
    201,
  )
  const visit = await teller.step('Both reports are in.', { method: 'GET', path: url, token: host }, 200)
  teller.check('the visit is reported', visit.body.status === 'reported')
}
