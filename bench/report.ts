/** Writes the table of results between two marks in bench/README.md. */
import { readFile, writeFile } from 'node:fs/promises'
import type { Measured } from './measure.ts'
import type { ItemResult, Results } from './rounds.ts'

export type Measurements = Results & {
  facts: Record<string, string>
  helloStartMs: number | undefined
  /** The most that a start may take, as a multiple of the hello-world's. */
  start: { name: string; ms: number; ceiling: number }[]
}

const residentCeilingMegabytes = 220
const readme = new URL('README.md', import.meta.url)
const marks = ['<!-- results: written by npm run bench -->', '<!-- end of results -->'] as const

/** `met` is null where no floor is set. */
type Verdict = { cell: string; met: boolean | null }

export function reportOf(found: Measurements): string {
  const rows = found.items.map((result) => rowOf(found, result))
  const others = [...startRows(found), residentRow(found)]
  const missed = [...rows, ...others].filter((row) => row.missed).map((row) => row.name)
  return [
    ...Object.entries(found.facts).map(([name, value]) => `- ${name}: ${value}`),
    '',
    '| work item | requests/s | p99 ms | × hello-world | share of the limit | service µs | PostgreSQL µs | limit µs | its PostgreSQL µs |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|',
    `| hello-world (bare Fastify) | ${rateAndTail(found.hello)} | 1 | | ${whole(found.hello.serverUs)} | | | |`,
    ...rows.map(({ line }) => line),
    '',
    '| start and memory | measured | |',
    '|---|--:|--:|',
    ...others.map(({ line }) => line),
    '',
    missed.length === 0 ? 'Every floor is met.' : `Missed: ${missed.join('; ')}.`,
  ].join('\n')
}

export async function writeReport(report: string): Promise<void> {
  const text = await readFile(readme, 'utf8')
  const [before, rest] = text.split(marks[0])
  const [, after] = (rest ?? '').split(marks[1])
  if (before === undefined || after === undefined)
    throw new Error('bench/README.md lacks the marks for the results.')
  await writeFile(readme, `${before}${marks[0]}\n${report}\n${marks[1]}${after}`)
}

type Row = { name: string; line: string; missed: boolean }

function rowOf({ hello, items }: Measurements, { item, service, limit }: ItemResult): Row {
  const base = items.find((other) => other.item.name === item.comparedWith)
  const share = service.requestsPerSecond / (base?.service ?? hello).requestsPerSecond
  const ratio = atLeast(item.floor, share, base ? ` of the ${base.item.name}` : '')
  const ofLimit = limit
    ? atLeast(item.shareOfLimit ?? null, service.requestsPerSecond / limit.requestsPerSecond)
    : { cell: '', met: null }
  const costs = [service.serverUs, service.postgresUs, limit?.serverUs, limit?.postgresUs].map(micros)
  return {
    name: item.name,
    line: `| ${item.name} | ${rateAndTail(service)} | ${ratio.cell} | ${ofLimit.cell} | ${costs.join(' | ')} |`,
    missed: ratio.met === false || ofLimit.met === false,
  }
}

function atLeast(floor: number | null, share: number, of = ''): Verdict {
  const measured = `${share.toFixed(3)}${of}`
  if (floor === null) return { cell: measured, met: null }
  const met = share >= floor
  return { cell: `${measured} (≥ ${floor}: ${met ? 'met' : '**missed**'})`, met }
}

function startRows({ start, helloStartMs }: Measurements): Row[] {
  if (helloStartMs === undefined) return []
  return start.map(({ name, ms, ceiling }) => {
    const times = ms / helloStartMs
    const measured = `${whole(ms)} ms, ${times.toFixed(1)} × hello-world's ${whole(helloStartMs)} ms`
    return atMost(name, measured, { value: times, ceiling, unit: '×' })
  })
}

const residentRow = ({ residentMegabytes: value }: Measurements): Row =>
  atMost('resident memory of the service under load', `${whole(value)} MB`, {
    value,
    ceiling: residentCeilingMegabytes,
    unit: 'MB',
  })

type Ceiling = { value: number; ceiling: number; unit: string }

function atMost(name: string, measured: string, { value, ceiling, unit }: Ceiling): Row {
  const missed = !(value <= ceiling)
  const line = `| ${name} | ${measured} | ≤ ${ceiling} ${unit}: ${missed ? '**missed**' : 'met'} |`
  return { name, line, missed }
}

const rateAndTail = ({ requestsPerSecond, p99Ms }: Measured): string =>
  `${whole(requestsPerSecond)} | ${p99Ms.toFixed(1)}`

const micros = (value: number | undefined): string =>
  value === undefined ? '' : Number.isNaN(value) ? 'unknown' : whole(value)

const whole = (value: number): string => Math.round(value).toLocaleString('en')
