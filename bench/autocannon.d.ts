/** Types for the part of autocannon that the benchmark uses; the package ships none. */
declare module 'autocannon' {
  type CannonRequest = { method: string; path: string; headers: Record<string, string>; body?: string }
  type CannonClient = { setRequests(requests: CannonRequest[]): void }
  type CannonResult = {
    requests: { total: number }
    latency: { p99: number }
    duration: number
    errors: number
    timeouts: number
    '4xx': number
    '5xx': number
  }
  export default function autocannon(options: {
    url: string
    connections: number
    duration: number
    setupClient(client: CannonClient): void
  }): Promise<CannonResult>
}
