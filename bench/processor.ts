/** How much processor time processes have taken, as Linux counts it in /proc; elsewhere it is unknown (NaN). */
import { execFileSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import type pg from 'pg'

export type ProcessTimes = {
  parent: number
  /** Clock ticks of the process, and of its children that have ended. */
  ticks: number
}

/**
 * Reads one /proc/<pid>/stat. The name of the program stands in brackets, and may itself contain blanks and brackets.
 * See proc_pid_stat(5): fields 4 (ppid) and 14 to 17 (utime, stime, cutime, cstime).
 */
export function processTimesIn(stat: string): ProcessTimes {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return { parent: Number(fields[1]), ticks }
}

/** Milliseconds of a process and all its descendants, those that have ended included. */
export async function processorMs(pid: number): Promise<number> {
  const processes = await allProcesses()
  if (!processes.has(pid)) return NaN
  const family = new Set([pid])
  // A set visits what is added while it is walked.
  for (const member of family)
    for (const [other, { parent }] of processes) if (parent === member) family.add(other)
  const ticks = [...family].reduce((sum, member) => sum + (processes.get(member)?.ticks ?? 0), 0)
  return (ticks * 1000) / ticksPerSecond()
}

async function allProcesses(): Promise<Map<number, ProcessTimes>> {
  const names = await readdir('/proc').catch(() => [])
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number)
  const read = pids.map(async (pid) => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
    return stat === undefined ? [] : [[pid, processTimesIn(stat)] as const]
  })
  return new Map((await Promise.all(read)).flat())
}

/** The main process of PostgreSQL is the parent of each backend. NaN for a server on another machine. */
export async function postgresPid(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const stat = await readFile(`/proc/${rows[0]?.pid}/stat`, 'utf8').catch(() => '')
  return stat.includes('(postgres)') ? processTimesIn(stat).parent : NaN
}

let known: number | undefined

function ticksPerSecond(): number {
  known ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  return known
}
