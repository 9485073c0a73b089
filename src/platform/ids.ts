import { v4, v7 } from 'uuid'

/** For rows whose creation time may be known. Ordered, so that indexes stay dense and pages in order. */
export const timeOrderedId = (): string => v7()

/** For delegates, visits, links and tokens. Reveals nothing, not even the creation time. */
export const randomId = (): string => v4()
