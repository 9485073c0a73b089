/**
 * What the tests of the whole service need to know about one resource. The tests of access, row security, the ledger, repeated
 * changes and the fuzz loop over `test/resources/index.ts`. See docs/adding-a-resource.md.
 */
import type { Cast } from '../access/cast.ts'
import type { Callers, secured } from '../fixtures/secured.ts'
import type { Union } from '../fixtures/unions.ts'
import type { VisitWorld } from '../fixtures/visits.ts'
import { done, type World } from '../fixtures/world.ts'
import type { putResources } from '../fixtures/put-resources.ts'

export type Resource = {
  /** The last noun of its URL. */
  readonly name: string
  /** How each of its operations is requested, by operationId. */
  readonly requests: Requests
  /** Makes one for an organisation in the world of the access table, and names the ids. */
  readonly belongings?: (owner: Owner, earlier: Things) => Promise<Things>
  /** How many rows of each of its tables each caller sees. */
  readonly visible?: Readonly<Record<string, Visible>>
  /** How many of them are public. An anonymous caller cannot read any other table at all. */
  readonly anonymous?: Readonly<Record<string, number>>
  /** Adds the rows that `visible` counts and that the world does not have yet. */
  readonly populate?: (world: Populating) => Promise<void>
  /** Statements that a policy allows or denies, or for which it hides every row. */
  readonly attempts?: (world: Secured) => readonly Attempt[]
  /** Makes one, and changes it by every statement that writes a new version. */
  readonly change?: (world: Changing) => Promise<void>
  /** Changes that end things that other resources still need. They run after all others. */
  readonly end?: (world: Changing) => Promise<void>
  /** One to PATCH, with a body that sets some values and one that sets others. */
  readonly patch?: (world: PutWorld) => Promise<Patch>
}

/** The ids for requests for one's own thing, for a stranger's or for an absent one. */
export type Things = Readonly<Record<string, string>>

export type Requests = Readonly<
  Record<
    string,
    {
      /** The thing that each parameter of the path names. */
      of?: Readonly<Record<string, string>>
      /** A valid body; only the thing that it names may be another's. */
      body?: (things: Things, cast: Cast) => object
    }
  >
>

/** A path with one id. */
export const of = (thing: string) => ({ of: { id: thing } })

export type Made = { id: string; url: string; secret: string }

/** An organisation that takes the place of ICOG in a world, and a partner that takes the place of the union. */
export type Owner = {
  readonly world: World
  readonly federation: { id: string }
  /** Part of every text that outsiders must not read. */
  readonly word: string
  make(by: { token: string }, path: string, body: object): Promise<Made>
}

export const maker =
  (world: World): Owner['make'] =>
  async (by, path, body) =>
    done(await world.ask('POST', path, { token: by.token, body })).data as unknown as Made

/** Words in every text that only parties, colleagues or oneself may read: of one's own side, and of the strangers'. */
export const canaries = { own: 'kanarienvogel', strangers: 'zaunkoenig' }

export const told = (word: string) => ({ texts: { en: { title: word, body: word } } })

/** Stands for an absent secret or digest; other absent things have an id. */
export const secretLike = (value = ''): string => (value.startsWith('spe_') ? value : `spe_${'x'.repeat(43)}`)
export const digestLike = (value = ''): string => (/^[0-9a-f]{64}$/.test(value) ? value : '0'.repeat(64))

/** The rows that host, visitor, guest, stranger, provisional, link, coordinator and operator see, and the total. */
export type Visible = readonly [seen: readonly number[], all: number]

/** `hidden` is verified, and is sealed when everything exists. */
export type Populating = VisitWorld & { readonly provisional: Union; readonly hidden: Union }

export type Secured = Awaited<ReturnType<typeof secured>>
type CallerName = keyof Callers
export type Attempt = {
  readonly by: CallerName
  readonly outcome: 'allowed' | 'denied' | 'unmatched'
  readonly statement: string
  /** Exactly this number of rows. */
  readonly rows?: number
}

const attempts =
  (outcome: Attempt['outcome']) =>
  (by: CallerName | readonly CallerName[], ...statements: readonly string[]): Attempt[] =>
    [by].flat().flatMap((name) => statements.map((statement) => ({ by: name, outcome, statement })))

/** The statement finds rows and writes them. */
export const allowed = attempts('allowed')
/** The same, with exactly one row. */
export const allowedOnce = (by: CallerName, statement: string): Attempt[] =>
  allowed(by, statement).map((one) => ({ ...one, rows: 1 }))
/** PostgreSQL refuses the statement (42501). */
export const denied = attempts('denied')
/** The statement runs and finds no row. */
export const unmatched = attempts('unmatched')

/** An ordinary member of ICOG, and the secretary of a union that has a pact with it. */
export const withoutPower = ['guest', 'host'] as const

/** At the end `shop` is merged into `works`, and `works` into `federation`. */
export type Changing = VisitWorld & Readonly<Record<'shop' | 'works' | 'federation', Union>>

export type PutWorld = Awaited<ReturnType<typeof putResources>>
export type Patch = {
  operationId: string
  url: string
  token: string
  /** The value after the first request. */
  body: object
  /** Another value. */
  other: object
  /** A part of `body`, with its members in another order. */
  swapped: object
}
