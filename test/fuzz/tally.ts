/** Counts the requests and their results. */
import type { OpenApiDocument } from '../../src/platform/contract/document.ts'
import type { Sent } from './requests.ts'

// eslint-disable-next-line no-restricted-syntax -- it counts: four numbers and a map that change together
export class Tally {
  requests = 0
  spoilt = 0
  succeeded = 0
  readonly #statuses = new Map<string, Map<number, number>>()

  constructor(document: OpenApiDocument) {
    for (const operations of Object.values(document.paths))
      for (const { operationId } of Object.values(operations)) this.#statuses.set(operationId, new Map())
  }

  count({ operationId, spoilt }: Sent, status: number): void {
    this.requests++
    if (spoilt !== undefined) this.spoilt++
    if (status < 300) this.succeeded++
    const statuses = this.#statuses.get(operationId)
    statuses?.set(status, (statuses.get(status) ?? 0) + 1)
  }

  get operations(): number {
    return this.#statuses.size
  }

  /** The operations that never answered 2xx, and those that were never requested. */
  get missed(): { unsuccessful: string[]; unasked: string[] } {
    const all = [...this.#statuses]
    const isGood = (status: number): boolean => status < 300
    return {
      unsuccessful: all.flatMap(([id, statuses]) => ([...statuses.keys()].some(isGood) ? [] : [id])),
      unasked: all.flatMap(([id, statuses]) => (statuses.size > 0 ? [] : [id])),
    }
  }

  print(seed: number): void {
    for (const [operationId, statuses] of this.#statuses) {
      const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}×${count}`)
      console.error(`${operationId.padEnd(28)} ${counts.join(' ')}`)
    }
    console.error(
      `seed ${seed}: ${this.requests} requests, ${this.spoilt} spoilt, ${this.succeeded} answered with a 2xx, none with a 5xx`,
    )
    console.error(`Never brought to a 2xx: ${this.missed.unsuccessful.join(', ') || 'none'}`)
  }
}
