/**
 * State machines as data. One table gives the database enum, the schemas, the types of states and moves, the refusal of a
 * wrong move, `allowedMoves`, the transitions route and the test of every state × move.
 */
import { moveNotAllowed } from '../problems.ts'

export type Lifecycle = Readonly<Record<string, Readonly<Record<string, string>>>>

export type StateOf<L extends Lifecycle> = keyof L & string
/** The moves of all states. */
export type MoveOf<L extends Lifecycle> = { [S in keyof L]: keyof L[S] & string }[keyof L]

type NonEmpty<T> = [T, ...T[]]

export const statesOf = <L extends Lifecycle>(lifecycle: L) => Object.keys(lifecycle) as NonEmpty<StateOf<L>>

export const movesOf = <L extends Lifecycle>(lifecycle: L) =>
  [...new Set(Object.values(lifecycle).flatMap((moves) => Object.keys(moves)))] as NonEmpty<MoveOf<L>>

export const movesFrom = <L extends Lifecycle>(lifecycle: L, state: StateOf<L>) =>
  Object.keys(lifecycle[state] ?? {}) as MoveOf<L>[]

/**
 * Returns the state after the move. Throws 409 with the current state and the moves that this caller may make. `what` names
 * the action if a record (such as a signature) makes the move, because its author never named a move.
 */
export function stateAfter<L extends Lifecycle>(
  lifecycle: L,
  state: StateOf<L>,
  move: MoveOf<L>,
  allowed: readonly MoveOf<L>[],
  what = `"${move}"`,
): StateOf<L> {
  const next = lifecycle[state]?.[move]
  if (next !== undefined) return next
  const isFinal = movesFrom(lifecycle, state).length === 0
  throw moveNotAllowed(
    `${what} is not possible while the status is "${state}". ${advice(allowed, isFinal)}`,
    {
      currentStatus: state,
      allowedMoves: allowed,
    },
  )
}

function advice(allowed: readonly string[], isFinal: boolean): string {
  if (allowed.length > 0) return `You may make these moves now: ${allowed.join(', ')}.`
  return isFinal ? 'This status is final.' : 'You may make no move now. Read it again later.'
}
