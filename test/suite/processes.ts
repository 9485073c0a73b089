/** The processes that run the test files. Each runs one file at a time until none is left. */
import { type ChildProcess, spawn } from 'node:child_process'
import { on, once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'

const root = path.resolve(import.meta.dirname, '../..')
const program = path.join(import.meta.dirname, 'worker.ts')
/** As main.ts does it first: saves each process half a second of reading package.json files. */
const quickModules = path.join(root, 'src/platform/start/quick-modules.js')
const endingSecondsMax = 30
const cleanEnd = 'exit code 0'

/** The report of a worker about a file. Both counts are of assertions. */
export type FileResult = { passed: number; failed: number; seconds: number }
export type FileReport = FileResult & { file: string }

export type RunOptions = {
  files: readonly string[]
  processes: number
  /** The limit for one file; 0 means none. */
  secondsMax: number
  /** Stops after the first failure. */
  bail: boolean
  environment: NodeJS.ProcessEnv
  signal: AbortSignal
}

/** Runs all files, and prints a line for each with its failures. */
export async function runFiles(options: RunOptions): Promise<FileReport[]> {
  const waiting = options.files.values()
  const reports: FileReport[] = []
  const isOver = () => options.bail && reports.some(({ failed }) => failed > 0)
  const workThrough = async (): Promise<void> => {
    let worker: Worker | undefined
    let hasFailed = false
    const finish = async (): Promise<void> => {
      const end = (await worker?.end()) ?? cleanEnd
      // After a reported failure the exit code is not 0 either; that needs no second report.
      if (end === cleanEnd || hasFailed) return
      console.log(`not ok - a process that had run its tests ended by ${end}`)
      reports.push({ file: 'the end of a process', passed: 0, failed: 1, seconds: 0 })
    }
    for (const file of waiting) {
      if (isOver()) break
      // An earlier file may have left something behind that ends the process between two files.
      if (worker?.isAlive() === false) await finish()
      if (!worker?.isAlive()) worker = startWorker(options)
      const result = await worker.run(file)
      reports.push({ file, ...result })
      hasFailed ||= result.failed > 0
    }
    await finish()
  }
  await Promise.all(Array.from({ length: options.processes }, workThrough))
  return reports
}

type Worker = {
  isAlive(): boolean
  run(file: string): Promise<FileResult>
  /** Returns how the process ended. */
  end(): Promise<string>
}

function startWorker({ environment, secondsMax, signal }: RunOptions): Worker {
  signal.throwIfAborted()
  // A separate process group, so that a signal reaches it only from us, and we clean up afterwards.
  const child = spawn(process.execPath, [`--import=${quickModules}`, program], {
    cwd: root,
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const isAlive = () => child.exitCode === null && child.signalCode === null
  const kill = (name: NodeJS.Signals) => void (isAlive() && process.kill(-(child.pid as number), name))
  signal.addEventListener('abort', () => kill('SIGTERM'))
  const ended = Promise.all([once(child, 'exit'), tellFailures(child)]).then(() => endOf(child))
  return {
    isAlive,
    run: async (file) => {
      const begun = performance.now()
      const limit = secondsMax > 0 ? setTimeout(kill, secondsMax * 1000, 'SIGKILL') : undefined
      const answer = resultFrom(child)
      child.send(file)
      const result = await Promise.race([answer, ended])
      clearTimeout(limit)
      if (typeof result !== 'string') return result
      console.log(`not ok - ${file}: its process ended before the test did, by ${result}`)
      return { passed: 0, failed: 1, seconds: (performance.now() - begun) / 1000 }
    },
    end: async () => {
      const limit = setTimeout(kill, endingSecondsMax * 1000, 'SIGKILL')
      if (child.connected) child.disconnect()
      return ended.finally(() => clearTimeout(limit))
    },
  }
}

/** Waits for the result of the file; ignores other messages by tap. */
async function resultFrom(child: ChildProcess): Promise<FileResult> {
  for await (const [message] of on(child, 'message') as AsyncIterable<[object]>)
    if ('passed' in message) return message as FileResult
  throw new Error('Messages do not end')
}

const endOf = ({ signalCode, exitCode }: ChildProcess): string => signalCode ?? `exit code ${exitCode}`

/** Prints one line for each file and all its failures, and nothing else. */
async function tellFailures({ stdout }: ChildProcess): Promise<void> {
  if (!stdout) return
  let failures: string[] = []
  let isFailing = false
  for await (const line of createInterface({ input: stdout })) {
    if (/^((not )?ok |Bail out!)/.test(line)) {
      console.log([...failures, line.replace(/ok \d+/, 'ok')].join('\n'))
      failures = []
      isFailing = false
      continue
    }
    if (/^ +(not )?ok /.test(line)) isFailing = line.trimStart().startsWith('not ok')
    if (isFailing) failures.push(line)
    if (line.trim() === '...') isFailing = false
  }
}
