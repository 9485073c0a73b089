/** Which numbers are valid for a setting. */
import { availableParallelism } from 'node:os'
import { z } from 'zod'

export const processesMax = 64

/** `auto`: one process for each core. */
export function numberOfProcesses() {
  const auto = z.literal('auto').transform(() => Math.min(availableParallelism(), processesMax))
  return auto.or(wholeNumber(1, processesMax))
}

export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max))
}

export function timesAMinute() {
  return { schema: wholeNumber(1, 1_000_000_000), expected: 'a whole number from 1 to 1000000000' }
}
