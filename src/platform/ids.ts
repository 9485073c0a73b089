import { v4, v7 } from 'uuid'

/** For rows whose time of making may be known: ordered, so that indexes stay dense and pages stay in order. */
export const timeOrderedId = (): string => v7()

/** For delegates, visits, links and tokens: tells nothing, not even when it was made. */
export const randomId = (): string => v4()
