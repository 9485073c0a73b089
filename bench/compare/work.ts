/** What is asked of both commits: what both have, found by HTTP. */
import { secretOf } from '../database.ts'
import type { Request } from '../work.ts'

export type ComparedItem = { name: string; requests: Request[] }

const organisationsRead = 2000
const pageLimit = 100

export async function comparedWork(port: number, rows: number): Promise<ComparedItem[]> {
  const paths = (await organisationIds(port)).map((id) => `/v1/organisations/${id}`)
  const anonymous = paths.map((path): Request => ({ method: 'GET', path, headers: {} }))
  const byToken = anonymous.map((request, i) => {
    const headers = { authorization: `Bearer ${secretOf(busyNumber(i, rows))}` }
    return { ...request, headers }
  })
  const unchanged: Request[] = []
  for (const request of anonymous) {
    const answer = await fetch(`http://127.0.0.1:${port}${request.path}`)
    await answer.arrayBuffer()
    unchanged.push({ ...request, headers: { 'if-none-match': answer.headers.get('etag') ?? '' } })
  }
  return [
    { name: 'organisation by id, anonymous', requests: anonymous },
    { name: 'organisation by id, with a token', requests: byToken },
    { name: 'organisation unchanged (304)', requests: unchanged },
  ]
}

/** Verified organisations; see bench/seed/0-functions.sql. */
const busyNumber = (i: number, rows: number): number => 100 * (i % Math.floor(rows / 100)) + 1

async function organisationIds(port: number): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | null = null
  while (ids.length < organisationsRead) {
    const position: string = cursor === null ? '' : `&cursor=${cursor}`
    const answer = await fetch(`http://127.0.0.1:${port}/v1/organisations?limit=${pageLimit}${position}`)
    const page = (await answer.json()) as { data: { id: string }[]; nextCursor: string | null }
    ids.push(...page.data.map(({ id }) => id))
    cursor = page.nextCursor
    if (cursor === null) break
  }
  return ids
}
