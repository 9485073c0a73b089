/**
 * Why the service cannot start, as one sentence for the person at the terminal. Everything else that is
 * thrown while starting is a fault of ours and keeps its stack trace.
 */
export function startFailure(sentence: string, cause?: unknown): Error {
  const failure = new Error(sentence, { cause })
  failure.name = 'StartFailure'
  return failure
}

export function isStartFailure(thrown: unknown): thrown is Error {
  return thrown instanceof Error && thrown.name === 'StartFailure'
}
