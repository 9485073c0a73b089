/** Sends requests as fast as they are answered, by wrk if it is installed and by autocannon otherwise. */
import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import autocannon from 'autocannon'
import type { Request } from './work.ts'

export type Loaded = { requests: number; requestsPerSecond: number; p99Ms: number; refused: number }
export type Load = {
  port: number
  requests: Request[]
  seconds: number
  connections?: number
  /** Whether answers of 4xx and 5xx are counted; otherwise one is a failure of the run. */
  mayRefuse?: true
}
export type Generator = { name: string; measure(load: Load): Promise<Loaded> }

const connectionsUsual = 32

/** wrk is written in C and uses less processor time, which matters on a small machine. */
export function loadGenerator(): Generator {
  const version = wrkVersion()
  if (version === undefined)
    return { name: `autocannon, ${connectionsUsual} connections`, measure: byAutocannon }
  return { name: `${version}, 1 thread, ${connectionsUsual} connections`, measure: byWrk }
}

function wrkVersion(): string | undefined {
  try {
    execFileSync('wrk', ['--version'], { stdio: 'pipe' })
    return 'wrk'
  } catch (error) {
    // wrk prints its version and exits with code 1; if it is not installed, there is no exit code.
    const { status, stdout } = error as { status?: number; stdout?: Buffer }
    if (typeof status !== 'number') return undefined
    return /^wrk \S+/.exec(String(stdout))?.[0] ?? 'wrk'
  }
}

const separator = '\u0001'

/** The file holds complete requests, so that wrk spends no time on building them. */
const script = `
local requests, turn = {}, 0
function init(args)
  local file = assert(io.open(args[1], 'rb'))
  for request in file:read('*a'):gmatch('[^\\1]+') do requests[#requests + 1] = request end
  file:close()
end
function request()
  turn = turn % #requests + 1
  return requests[turn]
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('\\nRESULT %d %d %d %d %d\\n', summary.requests, summary.duration, latency:percentile(99),
    e.status, e.connect + e.read + e.write + e.timeout))
end
`

async function byWrk(load: Load): Promise<Loaded> {
  const { port, requests, seconds, connections = connectionsUsual } = load
  const folder = await mkdtemp(path.join(tmpdir(), 'solidarity-pact-bench-'))
  try {
    const scriptFile = path.join(folder, 'requests.lua')
    const requestFile = path.join(folder, 'requests')
    await writeFile(scriptFile, script)
    await writeFile(requestFile, requests.map((request) => textOf(request, port)).join(separator))
    const url = `http://127.0.0.1:${port}`
    const settings = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', scriptFile]
    const { stdout } = await promisify(execFile)('wrk', [...settings, url, '--', requestFile])
    return readResult(stdout, load)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The bytes of a request. */
export function textOf({ method, path, headers, body = '' }: Request, port: number): string {
  const all = {
    host: `127.0.0.1:${port}`,
    ...headers,
    ...(body && { 'content-length': Buffer.byteLength(body) }),
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}

function readResult(output: string, load: Load): Loaded {
  const result = /^RESULT (\d+) (\d+) (\d+) (\d+) (\d+)$/m.exec(output)?.slice(1).map(Number) ?? []
  const [requests = NaN, microseconds = NaN, p99 = NaN, refused = NaN, errors] = result
  if (errors !== 0) throw new Error(`Some requests failed under load:\n${output}`)
  return loaded(load, { requests, seconds: microseconds / 1e6, p99Ms: p99 / 1000, refused })
}

type Counted = { requests: number; seconds: number; p99Ms: number; refused: number }

function loaded({ mayRefuse }: Load, { requests, seconds, p99Ms, refused }: Counted): Loaded {
  if (refused > 0 && !mayRefuse) throw new Error(`${refused} requests were refused under load.`)
  return { requests, requestsPerSecond: requests / seconds, p99Ms, refused }
}

async function byAutocannon(load: Load): Promise<Loaded> {
  const { port, requests, seconds, connections = connectionsUsual } = load
  let given = 0
  const result = await autocannon({
    url: `http://127.0.0.1:${port}`,
    connections,
    duration: seconds,
    // Each connection has its own requests, so that no creating request is sent twice.
    setupClient: (client) => {
      const first = given++
      client.setRequests(requests.length < connections ? requests : everyNth(requests, first, connections))
    },
  })
  const failed = result.errors + result.timeouts
  if (failed > 0) throw new Error(`${failed} requests failed under load.`)
  return loaded(load, {
    requests: result.requests.total,
    seconds: result.duration,
    p99Ms: result.latency.p99,
    refused: result['4xx'] + result['5xx'],
  })
}

const everyNth = <T>(list: readonly T[], first: number, n: number): T[] =>
  list.filter((_, i) => i % n === first)
