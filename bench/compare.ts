/**
 * `npm run bench:compare -- <commit> … [--rows 10000 --rounds 5 --seconds 4 --only token]`: the services of other commits
 * beside that of HEAD, each with its own code, dependencies and embedded database, in interleaved rounds. Works for
 * commits from 2026-11-24 on.
 */
import { mkdtemp, chmod } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { isStartFailure, startFailure } from '../src/platform/failures.ts'
import { checkOut, embeddedPid, removeCheckout, removeFolder, type Checkout } from './compare/checkout.ts'
import { comparedWork, type ComparedItem } from './compare/work.ts'
import { loadGenerator } from './load.ts'
import { measure, median, medians, tell, type Measured } from './measure.ts'
import { startEmbeddedService, type Server } from './service.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    only: { type: 'string', default: '' },
  },
})
const rounds = Number(options.rounds)
const seconds = Number(options.seconds)
const generator = loadGenerator()

try {
  if (positionals.length === 0) throw startFailure('Name a commit: npm run bench:compare -- 47b6680')
  const folder = await mkdtemp(path.join(tmpdir(), 'solidarity-pact-compare-'))
  await chmod(folder, 0o711)
  const made: Checkout[] = []
  try {
    for (const one of [...positionals, 'HEAD']) made.push(await checkOut(one, folder, Number(options.rows)))
    await compare(made)
  } finally {
    for (const one of made) await removeCheckout(one)
    await removeFolder(folder)
  }
} catch (error) {
  console.error(isStartFailure(error) ? error.message : error)
  process.exitCode = 1
}

type Side = {
  checkout: Checkout
  server: Server
  postgresPid: number
  items: ComparedItem[]
  startsMs: number[]
}

async function compare(checkouts: readonly Checkout[]): Promise<void> {
  const startsMs = checkouts.map(() => [] as number[])
  if ('start'.includes(options.only)) await measureStarts(checkouts, startsMs)
  const sides: Side[] = []
  try {
    for (const [i, checkout] of checkouts.entries()) {
      const server = await startEmbeddedService(checkout)
      const items = (await comparedWork(server.port, Number(options.rows))).filter(({ name }) =>
        name.includes(options.only),
      )
      sides.push({
        checkout,
        server,
        postgresPid: await embeddedPid(checkout),
        items,
        startsMs: startsMs[i] ?? [],
      })
    }
    console.log(tableOf(sides, await measureItems(sides)))
  } finally {
    await Promise.all(sides.map(({ server }) => server.stop()))
  }
}

async function measureStarts(checkouts: readonly Checkout[], startsMs: number[][]): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const [i, checkout] of checkouts.entries()) {
      const server = await startEmbeddedService(checkout)
      startsMs[i]?.push(server.startedInMs)
      await server.stop()
    }
  }
}

/** For each item and each side; the first round warms up. */
async function measureItems(sides: readonly Side[]): Promise<Map<string, Measured[]>> {
  const found = new Map<string, Measured[][]>()
  for (let round = 0; round <= rounds; round++) {
    for (const [i, { name }] of (sides[0]?.items ?? []).entries()) {
      const all = found.get(name) ?? sides.map(() => [])
      found.set(name, all)
      for (const [side, { checkout, server, postgresPid, items }] of sides.entries()) {
        const load = { requests: items[i]?.requests ?? [], seconds: round === 0 ? 1 : seconds }
        const one = await measure({ generator, postgresPid }, server, load)
        if (round === 0) continue
        all[side]?.push(one)
        tell(`${checkout.commit} ${name}`, one)
      }
    }
  }
  return new Map([...found].map(([name, all]) => [name, all.map(medians)]))
}

/** Ratios are to the commit that was named first. */
function tableOf(sides: readonly Side[], found: Map<string, Measured[]>): string {
  const rows = [...found].flatMap(([name, all]) =>
    sides.map(({ checkout }, side) => {
      const [one, first] = [all[side] as Measured, all[0] as Measured]
      const cells = [one.requestsPerSecond, one.requestsPerSecond / first.requestsPerSecond]
      const costs = [one.serverUs, one.serverUs / first.serverUs, one.postgresUs]
      return `| ${[name, checkout.commit, ...[...cells, ...costs].map(shown)].join(' | ')} |`
    }),
  )
  const [firstStart = NaN] = sides.map(({ startsMs }) => median(startsMs))
  const starts = sides.map(({ checkout, startsMs }) => {
    const ms = median(startsMs)
    return `| start with the embedded database | ${checkout.commit} | ${shown(ms)} ms | ${shown(ms / firstStart)} | | | |`
  })
  return [
    '',
    `Medians of ${rounds} rounds of ${seconds} s, ${options.rows} organisations, ${generator.name}`,
    '',
    '| | commit | requests/s | ratio | service µs | ratio | PostgreSQL µs |',
    '|---|---|--:|--:|--:|--:|--:|',
    ...rows,
    ...(Number.isNaN(firstStart) ? [] : starts),
  ].join('\n')
}

function shown(value: number): string {
  return value < 10 ? value.toFixed(2) : Math.round(value).toLocaleString('en')
}
