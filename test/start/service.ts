/** The service as a process, started as `npm start` does it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { testVault } from '../databases.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const quickModules = new URL('../../src/platform/start/quick-modules.js', import.meta.url).href
const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url))

/** The pause between retries; without it, they would use up a core that the service needs. */
export const askAgainMs = 5

export type Service = {
  url: string
  pid: number
  /** The output so far. */
  printed(): string
  /** Resolves when `text` has been printed; rejects if the process ends before. */
  prints(text: string): Promise<void>
  signal(name: NodeJS.Signals): void
  /** Sends a signal as a terminal does: to the service and all processes of its group. */
  signalAll(name: NodeJS.Signals): void
  /** The exit code; null after a signal that cannot be caught. */
  ended: Promise<number | null>
}

/** Resolves when the service listens; rejects with its output if it ends before. */
export async function startService(t: Test, settings: Record<string, string>): Promise<Service> {
  const service = await beginService(t, settings)
  await service.prints('Server listening')
  return service
}

/** A service that is still starting. */
export async function beginService(t: Test, settings: Record<string, string>): Promise<Service> {
  const port = settings['PORT'] ?? String(await freePort())
  const { child, output, ended } = run(t, { PORT: port, LOG_LEVEL: 'info', ...settings })
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid as number,
    printed: () => output.all,
    prints: (text) => printing(child, output, text),
    signal: (name) => child.kill(name),
    signalAll: (name) => process.kill(-(child.pid as number), name),
    ended,
  }
}

/** Runs a service that must refuse to start. */
export async function refusal(t: Test, settings: Record<string, string>) {
  const { output, ended } = run(t, { PORT: String(await freePort()), LOG_LEVEL: 'silent', ...settings })
  const exitCode = await ended
  return { exitCode, standardOutput: output.standard, sentence: output.error }
}

/** Runs a command of the operator until it ends. */
export async function command(t: Test, words: string | readonly string[], settings: Record<string, string>) {
  const { output, ended } = run(t, settings, [cli, ...(typeof words === 'string' ? words.split(' ') : words)])
  const exitCode = await ended
  return { exitCode, standardOutput: output.standard, sentence: output.error }
}

/** A folder that is removed at the end of the test, with a database server that a killed service left there. */
export async function dataFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'solidarity-pact-start-'))
  // As root, PostgreSQL runs under a separate account.
  await chmod(folder, 0o711)
  t.teardown(async () => {
    const server = await serverOf(folder)
    if (server > 0 && lives(server)) process.kill(server, 'SIGQUIT')
    await rm(folder, { recursive: true, force: true, maxRetries: 20 })
  })
  return folder
}

const union = { kind: 'union', name: 'Our union', country: 'DE', secretary: { displayName: 'Vesna' } }

/** Registers a union, and reads it with the token from the registration. */
export async function register(service: Service) {
  const answer = await fetch(`${service.url}/v1/organisations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(union),
  })
  if (answer.status !== 201) throw new Error(`answered ${answer.status}`)
  const { organisation, token } = (await answer.json()) as {
    organisation: { url: string }
    token: { secret: string }
  }
  const headers = { authorization: `Bearer ${token.secret}` }
  return {
    foundIn: async (later: Service) => (await fetch(later.url + organisation.url, { headers })).status,
  }
}

/** The process id of the embedded PostgreSQL; 0 if there is none. */
export async function serverOf(folder: string): Promise<number> {
  const pidFile = path.join(folder, 'postgres/cluster/postmaster.pid')
  return Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0])
}

export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Retries until there is a value; the time limit of the test ends it otherwise. */
export async function filled<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    const found = await ask().catch(() => undefined)
    if (Array.isArray(found) ? found.length > 0 : found) return found as T
    await pause(askAgainMs)
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

export async function listens({ url }: Service): Promise<boolean> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  const { promise, resolve } = Promise.withResolvers<boolean>()
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  const listening = await promise
  socket.destroy()
  return listening
}

type Output = { all: string; standard: string; error: string }

/** With an external database, the key database must be external too. */
function keysFor(settings: Record<string, string>): Record<string, string> {
  if (!settings['DATABASE_URL'] && !settings['DATABASE_URL_FILE']) return {}
  return { KEYS_DATABASE_URL: testVault.keysUrl, ROOT_KEY: testVault.rootKey }
}

function run(t: Test, settings: Record<string, string>, program = [main]) {
  // Ignores our environment except for the compile cache: a developer's setting must not change a test.
  const { NODE_COMPILE_CACHE = '' } = process.env
  const child = spawn(process.execPath, ['--import', quickModules, ...program], {
    env: { NODE_COMPILE_CACHE, ...keysFor(settings), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    // The leader of a process group, as in a terminal.
    detached: true,
  })
  t.teardown(() => child.kill('SIGKILL'))
  const output: Output = { all: '', standard: '', error: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.standard += text
    output.all += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.error += text
    output.all += text
  })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { child, output, ended }
}

async function printing(child: ChildProcess, output: Output, text: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const look = () => output.all.includes(text) && resolve()
  child.stdout?.on('data', look)
  child.stderr?.on('data', look)
  child.once('close', () => reject(new Error(`It ended without printing "${text}": ${output.all}`)))
  look()
  return promise
}
