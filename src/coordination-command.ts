/** `npm run cli -- coordination create …`: the first steps of an instance, at the operator's terminal. */
import { parseArgs } from 'node:util'
import { appointCoordinator, appointFirstSecretary } from './delegates/actions.ts'
import { registerCoordination } from './organisations/registrations/coordinations.ts'
import { RegisterOrganisation } from './organisations/schemas.ts'
import { systemContext } from './platform/actions/action-context.ts'
import { systemClock } from './platform/clock.ts'
import type { Config } from './platform/start/config.ts'
import type { OpenDatabase } from './platform/database/database.ts'
import { faultText } from './platform/http/fault-texts.ts'
import { startFailure } from './platform/failures.ts'

const usage =
  'Usage: npm run cli -- coordination create --name "Our coordination" --country DE --secretary "Vesna"'

/** Throws a start failure for invalid arguments, before any database is opened. */
export function readCoordination([what, ...args]: string[]): RegisterOrganisation {
  if (what !== 'create') throw startFailure(usage)
  const { name, country, secretary } = optionsIn(args)
  if (name === undefined || country === undefined || secretary === undefined) throw startFailure(usage)
  const parsed = RegisterOrganisation.safeParse(
    { kind: 'coordination', name, country, secretary: { displayName: secretary } },
    { error: faultText('field') },
  )
  if (parsed.success) return parsed.data
  const [{ path, message } = { path: [], message: 'is invalid' }] = parsed.error.issues
  // Refusals of country codes are whole sentences.
  const fault = /^[A-Z]/.test(message) ? `is invalid. ${message}` : `${message}.`
  throw startFailure(`The option --${String(path[0])} ${fault}`)
}

function optionsIn(args: string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({ args, options: { name: text, country: text, secretary: text } }).values
  } catch (error) {
    throw startFailure(usage, error)
  }
}

export async function createCoordination(
  { publicUrl }: Config,
  database: OpenDatabase,
  coordination: RegisterOrganisation,
): Promise<void> {
  const appointments = { appointFirstSecretary, appointCoordinator }
  const { id, token } = await registerCoordination(
    systemContext(database, systemClock()),
    coordination,
    appointments,
  )
  console.log(`${coordination.name} is a verified coordination: ${publicUrl}/v1/organisations/${id}`)
  console.log(`The token of its secretary, who is also a coordinator, shown this once: ${token.secret}`)
  console.log(
    `It expires at ${token.expiresAt}. With it, invite unions (POST ${publicUrl}/v1/invitations) and verify them.`,
  )
}
