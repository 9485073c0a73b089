/** Sends requests as fast as they are answered, by wrk if it is installed and by autocannon otherwise. */
import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import autocannon from 'autocannon'
import type { Request } from './work.ts'

export type Measured = { requestsPerSecond: number; p99Ms: number }
export type Load = { port: number; requests: Request[]; seconds: number }
export type Generator = { name: string; measure(load: Load): Promise<Measured> }

const connections = 32

/** wrk is written in C and uses less processor time, which matters on a small machine. */
export function loadGenerator(): Generator {
  const version = wrkVersion()
  if (version === undefined) return { name: `autocannon, ${connections} connections`, measure: byAutocannon }
  return { name: `${version}, 1 thread, ${connections} connections`, measure: byWrk }
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
  io.write(string.format('\\nRESULT %d %d %d %d\\n', summary.requests, summary.duration, latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
`

async function byWrk({ port, requests, seconds }: Load): Promise<Measured> {
  const folder = await mkdtemp(path.join(tmpdir(), 'solidarity-pact-bench-'))
  try {
    const scriptFile = path.join(folder, 'requests.lua')
    const requestFile = path.join(folder, 'requests')
    await writeFile(scriptFile, script)
    await writeFile(requestFile, requests.map((request) => textOf(request, port)).join(separator))
    const url = `http://127.0.0.1:${port}`
    const settings = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', scriptFile]
    const { stdout } = await promisify(execFile)('wrk', [...settings, url, '--', requestFile])
    return readResult(stdout)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function textOf({ method, path, headers, body = '' }: Request, port: number): string {
  const all = {
    host: `127.0.0.1:${port}`,
    ...headers,
    ...(body && { 'content-length': Buffer.byteLength(body) }),
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}

function readResult(output: string): Measured {
  const [, requests, microseconds, p99, errors] = /^RESULT (\d+) (\d+) (\d+) (\d+)$/m.exec(output) ?? []
  if (errors !== '0') throw new Error(`Some requests failed under load:\n${output}`)
  return { requestsPerSecond: Number(requests) / (Number(microseconds) / 1e6), p99Ms: Number(p99) / 1000 }
}

async function byAutocannon({ port, requests, seconds }: Load): Promise<Measured> {
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
  const failed = result.errors + result.timeouts + result['4xx'] + result['5xx']
  if (failed > 0) throw new Error(`${failed} requests failed under load.`)
  return { requestsPerSecond: result.requests.total / result.duration, p99Ms: result.latency.p99 }
}

const everyNth = <T>(list: readonly T[], first: number, n: number): T[] =>
  list.filter((_, i) => i % n === first)
