/**
 * Who may do what in PostgreSQL. The owner makes and changes the tables and never serves a request; the service logs
 * in as somebody else, who may read and write rows and nothing more: no DDL, no TRUNCATE, no change to what is only
 * ever added to, and no way around a row's policy.
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import pg from 'pg'
import { startFailure } from '../failures.ts'
import { codeOf } from './sqlstate.ts'

/**
 * The role in which the service does its own work: jobs, looking up who calls, and what must be known past a caller. No
 * policy hides a row from it. Roles belong to the server, not to one database: their names must be told apart there.
 */
export const serviceRole = 'solidarity_pact_service'
/** In which a request of somebody is carried out: it sees and writes what the policies give to the scope that was set. */
export const callerRole = 'solidarity_pact_caller'
/** In which anybody is answered: it reads what is public, and nothing else. */
export const anonymousRole = 'solidarity_pact_anonymous'

/** Who logs in: a member of `serviceRole`. Without a password the server lets them in by other means. */
export type Login = {
  name: string
  password?: string
  /** Gives a login that is there already this password too; else it keeps the one that its administrator gave. */
  renewed?: true
}

const scramIterations = 4096
const [mayNot, alreadyThere, alreadyThereToo] = ['42501', '42710', '23505']

/** Before the tables, whose policies name the roles. Throws a start failure when the owner may not make them. */
export async function makeRoles(owner: pg.Client): Promise<void> {
  for (const role of [serviceRole, callerRole, anonymousRole]) await makeRole(owner, role, 'nologin')
  for (const role of [callerRole, anonymousRole]) await makeMember(owner, role, serviceRole)
}

/**
 * Gives the roles their rights in this database, and no others, whatever was granted before. `publicTables` have rows for
 * everybody; which ones, the policies say.
 */
export async function grantRights(owner: pg.Client, publicTables: readonly string[]): Promise<void> {
  for (const role of [serviceRole, callerRole, anonymousRole]) {
    await owner.query(`revoke all on all tables in schema public from ${role}`)
    await owner.query(`grant usage on schema public to ${role}`)
  }
  await owner.query(`revoke all on all tables in schema jobs from ${serviceRole}`)
  await owner.query(`grant usage on schema jobs to ${serviceRole}`)
  await owner.query(`grant select, insert, update, delete on all tables in schema jobs to ${serviceRole}`)
  if (publicTables.length > 0) await owner.query(`grant select on ${publicTables.join()} to ${anonymousRole}`)
  for (const granted of [grantsOfTables, grantsOfRedaction]) {
    const { rows } = await owner.query<{ grants: string }>(granted)
    for (const { grants } of rows) await owner.query(grants)
  }
}

/** What a trigger refuses to everybody is not granted either: the tables say themselves which rows stay as they are. */
const grantsOfTables = `
  select format('grant %s on %I.%I to ${serviceRole}, ${callerRole}',
    case when relname = 'migrations' then 'select'
    else concat_ws(', ', 'select', 'insert',
      case when refused & 16 = 0 then 'update' end,
      case when refused & 8 = 0 then 'delete' end)
    end, nspname, relname) as grants
  from pg_class
  join pg_namespace on pg_namespace.oid = relnamespace
  cross join lateral (
    select coalesce(bit_or(tgtype::int), 0) as refused
    from pg_trigger join pg_proc on pg_proc.oid = tgfoid
    where tgrelid = pg_class.oid and proname in ('refuse_change', 'refuse_all_but_redaction')
  ) as refusals
  where nspname = 'public' and relkind in ('r', 'p')`

/** The columns that such a trigger lets go are its arguments. Nobody's request does it: a job of the service. */
const grantsOfRedaction = `
  select format('grant update (%srest_hash) on %I.%I to ${serviceRole}',
    replace(encode(tgargs, 'escape'), '\\000', ','), nspname, relname) as grants
  from pg_trigger
  join pg_proc on pg_proc.oid = tgfoid
  join pg_class on pg_class.oid = tgrelid
  join pg_namespace on pg_namespace.oid = relnamespace
  where proname = 'refuse_all_but_redaction'`

/** Makes the login unless it is there, and gives it the rights of the service. */
export async function admitLogin(
  owner: pg.Client,
  { name, password, renewed }: Login,
  role = serviceRole,
): Promise<void> {
  const verifier = password === undefined ? '' : ` password ${pg.escapeLiteral(scramVerifier(password))}`
  const login = pg.escapeIdentifier(name)
  await makeRole(owner, name, 'login', verifier)
  if (renewed) await owner.query(`alter role ${login}${verifier}`)
  await makeMember(owner, role, name)
}

async function makeMember(owner: pg.Client, role: string, member: string): Promise<void> {
  if (await isMember(owner, role, member)) return
  const grant = `grant ${role} to ${pg.escapeIdentifier(member)}`
  await owner.query(grant).catch((error: unknown) => {
    throw lackingPower(error, grant)
  })
}

export async function makeRole(owner: pg.Client, name: string, kind: string, verifier = ''): Promise<void> {
  // Looked for first: who may make no roles may well use those that an administrator has made.
  const { rowCount } = await owner.query('select from pg_roles where rolname = $1', [name])
  if (rowCount) return
  const definition = `create role ${pg.escapeIdentifier(name)} ${kind}`
  try {
    await owner.query(definition + verifier)
  } catch (error) {
    const code = codeOf(error)
    // Another database of the same server was made ready at the same moment.
    if (code === alreadyThere || code === alreadyThereToo) return
    throw lackingPower(error, definition)
  }
}

/** As it was granted: a superuser counts as a member of everything. */
async function isMember(owner: pg.Client, role: string, member: string): Promise<boolean> {
  const { rowCount } = await owner.query(
    `select from pg_auth_members join pg_roles as held on held.oid = roleid join pg_roles as holder on holder.oid = member
     where held.rolname = $1 and holder.rolname = $2`,
    [role, member],
  )
  return Boolean(rowCount)
}

function lackingPower(error: unknown, statement: string): unknown {
  if (codeOf(error) !== mayNot) return error
  return startFailure(
    `The user of OWNER_DATABASE_URL may not do this by itself; let an administrator run: ${statement}; and try again.`,
    error,
  )
}

/** Made here, so that the password is in no statement, where a log of the server could keep it. RFC 5802, RFC 7677. */
function scramVerifier(password: string): string {
  const salt = randomBytes(16)
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, scramIterations, 32, 'sha256')
  const keyFor = (purpose: string) => createHmac('sha256', salted).update(purpose).digest()
  const storedKey = createHash('sha256').update(keyFor('Client Key')).digest('base64')
  const serverKey = keyFor('Server Key').toString('base64')
  return `SCRAM-SHA-256$${scramIterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`
}

/** Throws a start failure when the connected user could bypass the rules of a table. */
export async function requireNoMoreThanService(service: pg.Client): Promise<void> {
  const { rows } = await service.query<{ power: string | null; is_member: boolean }>(`
    select case
        when rolsuper then 'is a superuser'
        when rolbypassrls then 'has BYPASSRLS'
        when rolcreaterole then 'may make roles'
        when exists (
          select from pg_class join pg_namespace on pg_namespace.oid = relnamespace
          where nspname in ('public', 'jobs') and pg_has_role(current_user, relowner, 'member')
        ) then 'owns its tables'
      end as power,
      exists (
        select from pg_roles as held where held.rolname = '${serviceRole}'
        and pg_has_role(current_user, held.oid, 'member')
      ) as is_member
    from pg_roles where rolname = session_user`)
  const [role] = rows
  if (role?.power) {
    throw startFailure(
      `The user of DATABASE_URL ${role.power} and could go past the rules that protect people; give the service a user ` +
        'of its own: set OWNER_DATABASE_URL to this one and DATABASE_URL to the new one, and run npm run migrate.',
    )
  }
  if (role?.is_member) return
  throw startFailure(
    'The user of DATABASE_URL has no rights in this database; run npm run migrate with OWNER_DATABASE_URL, which gives it them.',
  )
}
