/** The features, leftmost first: the one place that names them all. Each uses only those above it. */
import { delegates } from './delegates/feature.ts'
import { organisations } from './organisations/feature.ts'
import { pacts } from './pacts/feature.ts'
import { declared } from './platform/feature.ts'
import { visits } from './visits/feature.ts'

export const features = declared(organisations, delegates, pacts, visits)

/** Every column that the vault encrypts: what a rotation of the keys goes over. */
export const encryptedTables = features.flatMap(({ encryptedTables = [] }) => encryptedTables)

/** Every table that anonymous callers may read. */
export const publicTables = features.flatMap(({ publicTables = [] }) => publicTables)
