/**
 * A state machine is data. From one table come the database's enum, the schemas, the types of states and moves,
 * the refusal that lists the allowed moves, `allowedMoves`, the transitions route and the test of every state × move.
 */
import { moveNotAllowed } from './problems.ts'

export type Lifecycle = Readonly<Record<string, Readonly<Record<string, string>>>>

export type StateOf<L extends Lifecycle> = keyof L & string
/** Every move of every state. */
export type MoveOf<L extends Lifecycle> = { [S in keyof L]: keyof L[S] & string }[keyof L]

type NonEmpty<T> = [T, ...T[]]

export const statesOf = <L extends Lifecycle>(lifecycle: L) => Object.keys(lifecycle) as NonEmpty<StateOf<L>>

export const movesOf = <L extends Lifecycle>(lifecycle: L) =>
  [...new Set(Object.values(lifecycle).flatMap((moves) => Object.keys(moves)))] as NonEmpty<MoveOf<L>>

export const movesFrom = <L extends Lifecycle>(lifecycle: L, state: StateOf<L>) =>
  Object.keys(lifecycle[state] ?? {}) as MoveOf<L>[]

/**
 * The state that the move leads to; 409 with the current state when there is none, and with the moves that this caller
 * could ask for instead. Those the policy tells: some moves are others' to make, and some the clock's alone.
 */
export function stateAfter<L extends Lifecycle>(
  lifecycle: L,
  state: StateOf<L>,
  move: MoveOf<L>,
  allowedMoves: readonly MoveOf<L>[],
): StateOf<L> {
  const next = lifecycle[state]?.[move]
  if (next !== undefined) return next
  throw moveNotAllowed(`"${move}" is not possible while the status is "${state}".`, {
    currentStatus: state,
    allowedMoves,
  })
}
