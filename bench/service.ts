/** Starts the measured servers, each as a separate process on loopback. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { settings as settingsOfService } from '../src/platform/start/settings.ts'
import packageJson from '../package.json' with { type: 'json' }

export type Server = {
  pid: number
  port: number
  /** Time from the start of the process to its first 200. */
  startedInMs: number
  residentMegabytes(): Promise<number>
  stop(): Promise<void>
}

const startSecondsMax = 60
const root = path.resolve(import.meta.dirname, '..')

/** Limits are checked on every request and never reached. */
const unlimited = Object.fromEntries(
  Object.keys(settingsOfService)
    .filter((name) => /_PER_(MINUTE|HOUR|DAY)$/.test(name))
    .map((name) => [name, '1000000000']),
)

/** `environment` names the database; `nodeOptions` can enable a profile. */
export async function startService(
  environment: Record<string, string>,
  nodeOptions: readonly string[] = [],
): Promise<Server> {
  const port = await freePort()
  const settings = { ...unlimited, ROLE: 'api', LOG_LEVEL: 'silent', PORT: String(port), ...environment }
  return started([...nodeOptions, ...startArguments()], settings, port, '/v1/organisations?limit=1')
}

/** The same service without row level security, to measure what that costs. */
export async function startUnguarded(environment: Record<string, string>): Promise<Server> {
  const port = await freePort()
  const settings = { ...unlimited, ROLE: 'api', LOG_LEVEL: 'silent', PORT: String(port), ...environment }
  const args = startArguments().map((argument) =>
    argument === 'src/main.ts' ? 'bench/unguarded.ts' : argument,
  )
  return started(args, settings, port, '/v1/organisations?limit=1')
}

/** The options that `npm start` gives to Node. */
function startArguments({ scripts } = packageJson): string[] {
  return scripts.start.replace(/^exec node /, '').split(' ')
}

export async function startHello(): Promise<Server> {
  const port = await freePort()
  return started(['bench/hello.ts'], { PORT: String(port) }, port, '/')
}

/** The hand-tuned limit, on the same database as its owner: no policy holds it. */
export async function startLimit(ownerUrl: string): Promise<Server> {
  const port = await freePort()
  return started(
    ['bench/limit.ts'],
    { DATABASE_URL: ownerUrl, PORT: String(port) },
    port,
    '/v1/organisations?limit=1',
  )
}

/** The service of a folder that holds another commit, with the embedded database of that folder. */
export async function startEmbeddedService({ folder, dataFolder }: { folder: string; dataFolder: string }) {
  const port = await freePort()
  const settings = {
    ...unlimited,
    ROLE: 'api',
    LOG_LEVEL: 'silent',
    PORT: String(port),
    DATA_FOLDER: dataFolder,
  }
  const text = await readFile(path.join(folder, 'package.json'), 'utf8')
  const args = startArguments(JSON.parse(text) as typeof packageJson)
  return started(args, settings, port, '/v1/organisations?limit=1', folder)
}

async function started(
  args: readonly string[],
  environment: Record<string, string>,
  port: number,
  firstPath: string,
  folder = root,
): Promise<Server> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, args, {
    cwd: folder,
    // Ignores the caller's environment: a stray setting must not change a measurement.
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const stopAtExit = () => child.kill('SIGKILL')
  process.once('exit', stopAtExit)
  await answering(child, `http://127.0.0.1:${port}${firstPath}`)
  return {
    pid: child.pid as number,
    port,
    startedInMs: performance.now() - startedAt,
    residentMegabytes: () => residentMegabytes(child),
    stop: async () => {
      process.off('exit', stopAtExit)
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function answering(child: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + startSecondsMax * 1000
  while (Date.now() < deadline && child.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer?.status === 200) return
    await pause(5)
  }
  child.kill('SIGKILL')
  throw new Error(`Nothing answered at ${url}`)
}

/** Read from /proc on Linux; unknown on other systems. */
async function residentMegabytes(child: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) / 1024
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('TCP sockets have a port')
  return address.port
}
