/** Whether the limit answers as the service does: a limit that sends fewer bytes measures nothing. */
import type { Request } from './work.ts'

export type WholeAnswer = { status: number; headers: Record<string, string | null>; body: string }

/** What costs to make or to send. Without `ratelimit`, which the limit does not count, and what differs each time. */
const comparedHeaders = [
  'content-type',
  'etag',
  'cache-control',
  'vary',
  'link',
  'location',
  'x-content-type-options',
]

export async function wholeAnswer(port: number, { path, ...request }: Request): Promise<WholeAnswer> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, request)
  const headers = comparedHeaders.map((name) => [name, answer.headers.get(name)] as const)
  return { status: answer.status, headers: Object.fromEntries(headers), body: await answer.text() }
}

/** Says where the two answers differ, or nothing. */
export function differenceOf(request: Request, service: WholeAnswer, limit: WholeAnswer): string | undefined {
  // Each registration has ids, secrets and instants of its own.
  const comparable = request.method === 'POST' ? masked : (answer: WholeAnswer) => answer
  const [ours, theirs] = [comparable(service), comparable(limit)]
  const where = `${request.method} ${request.path}`
  if (ours.status !== theirs.status)
    return `${where}: the service answers ${ours.status}, the limit ${theirs.status}.`
  const header = comparedHeaders.find((name) => ours.headers[name] !== theirs.headers[name])
  if (header)
    return `${where}: the header ${header} is "${ours.headers[header]}" from the service and "${theirs.headers[header]}" from the limit.`
  if (ours.body === theirs.body) return undefined
  const at = [...ours.body].findIndex((character, i) => character !== theirs.body[i])
  const from = Math.max(at - 40, 0)
  const part = ({ body }: WholeAnswer) => body.slice(from, from + 120)
  return `${where}: the bodies differ at character ${at}.\n  service: …${part(ours)}…\n  limit:   …${part(theirs)}…`
}

function masked({ status, headers, body }: WholeAnswer): WholeAnswer {
  const location = headers['location'] ?? null
  return {
    status,
    headers: { ...headers, location: location && withoutMade(location) },
    body: withoutMade(body),
  }
}

/** Ids, secrets, and instants as machines and as people read them. */
const withoutMade = (text: string): string =>
  text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'id')
    .replace(/spt_[\w-]{43}/g, 'secret')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, 'instant')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, 'minute')
