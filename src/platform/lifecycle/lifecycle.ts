/**
 * A state machine is data. From one table come the database's enum, the schemas, the types of states and moves,
 * the refusal that lists the allowed moves, `allowedMoves`, the transitions route and the test of every state × move.
 */
import { moveNotAllowed } from '../problems.ts'

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
 * The state that the move leads to; 409 when there is none, with the current state and with the moves that are open
 * to the caller. The others are not told: a move of the clock, or of somebody else, is no way on. `what` names it where
 * a record makes the move, for its author never asked for a move.
 */
export function stateAfter<L extends Lifecycle>(
  lifecycle: L,
  state: StateOf<L>,
  move: MoveOf<L>,
  open: readonly MoveOf<L>[],
  what = `"${move}"`,
): StateOf<L> {
  const next = lifecycle[state]?.[move]
  if (next !== undefined) return next
  const isFinal = movesFrom(lifecycle, state).length === 0
  throw moveNotAllowed(`${what} is not possible while the status is "${state}". ${wayOn(open, isFinal)}`, {
    currentStatus: state,
    allowedMoves: open,
  })
}

function wayOn(open: readonly string[], isFinal: boolean): string {
  if (open.length > 0) return `The moves that are open to you now: ${open.join(', ')}.`
  return isFinal ? 'That status is final.' : 'No move is open to you now; read it again later.'
}
