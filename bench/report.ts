/** Writes the table of results between two marks in bench/README.md. */
import { readFile, writeFile } from 'node:fs/promises'
import type { Measured } from './load.ts'
import type { WorkItem } from './work.ts'

export type Measurements = {
  facts: Record<string, string>
  hello: Measured
  /** Medians, in the order of measurement. */
  items: { item: WorkItem; measured: Measured }[]
  start: { name: string; ms: number; ceilingMs: number }[]
  residentMegabytes: number
}

const residentCeilingMegabytes = 260
const readme = new URL('README.md', import.meta.url)
const marks = ['<!-- results: written by npm run bench -->', '<!-- end of results -->'] as const

export function reportOf(found: Measurements): string {
  const rows = [...throughputRows(found), ...otherRows(found)]
  const missed = rows.filter((row) => row.met === false).map((row) => row.name)
  return [
    ...Object.entries(found.facts).map(([name, value]) => `- ${name}: ${value}`),
    '',
    '| work item | requests/s | p99 ms | measured | target | |',
    '|---|--:|--:|--:|--:|---|',
    `| hello-world (bare Fastify) | ${whole(found.hello.requestsPerSecond)} | ${found.hello.p99Ms.toFixed(1)} | 1 | | |`,
    ...rows.map(({ name, rate, p99, measured, target, met }) => {
      return `| ${name} | ${rate} | ${p99} | ${measured} | ${target} | ${met === null ? '' : met ? 'met' : '**missed**'} |`
    }),
    '',
    missed.length === 0 ? 'Every target is met.' : `Missed: ${missed.join('; ')}.`,
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

type Row = { name: string; rate: string; p99: string; measured: string; target: string; met: boolean | null }

function throughputRows({ hello, items }: Measurements): Row[] {
  return items.map(({ item, measured }) => {
    const base = items.find((other) => other.item.name === item.comparedWith)
    const share = measured.requestsPerSecond / (base?.measured ?? hello).requestsPerSecond
    const of = base ? ` of the ${base.item.name}` : ' ×'
    return {
      name: item.name,
      rate: whole(measured.requestsPerSecond),
      p99: measured.p99Ms.toFixed(1),
      measured: `${share.toFixed(3)}${of}`,
      target: item.floor === null ? '' : `≥ ${item.floor}${of}`,
      met: item.floor === null ? null : share >= item.floor,
    }
  })
}

function otherRows({ start, residentMegabytes }: Measurements): Row[] {
  const starts = start.map(({ name, ms, ceilingMs }) => ({
    name,
    rate: '',
    p99: '',
    measured: `${whole(ms)} ms`,
    target: `≤ ${ceilingMs} ms`,
    met: ms <= ceilingMs,
  }))
  const resident = {
    name: 'resident memory of the service under load',
    rate: '',
    p99: '',
    measured: `${whole(residentMegabytes)} MB`,
    target: `≤ ${residentCeilingMegabytes} MB`,
    met: residentMegabytes <= residentCeilingMegabytes,
  }
  return [...starts, resident]
}

const whole = (value: number): string => Math.round(value).toLocaleString('en')
