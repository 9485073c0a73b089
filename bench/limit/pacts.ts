import type { Client, Statement } from './client.ts'
import { instant, plain, reference, text } from './json.ts'
import { pactMoves } from './moves.ts'

/** All null while there is no proposal. */
type Proposal = [
  ...[id: string | null, number: string | null, status: string | null, authorId: string | null],
  ...[contentDigest: string | null, answerBy: string | null],
]
type Row = [
  ...[id: string, version: string, createdAt: string, updatedAt: string, status: string, title: string],
  ...[purpose: string, proposerId: string, proposer: string, startsOn: string | null, endsOn: string | null],
  ...[noticeDays: string | null, signBy: string | null, activatedAt: string | null, ...Proposal],
]
type Party = [id: string, name: string, standing: string, acceptedCurrent: string, signed: string]

const byId: Statement<Row> = {
  name: 'pact',
  text: `select p.id, p.version, p.created_at, p.updated_at, p.status, p.title, p.purpose, p.proposer_id, o.name,
      p.starts_on, p.ends_on, p.notice_days, p.sign_by, p.activated_at,
      r.id, r.number, r.status, r.author_id, r.content_digest, r.answer_by
    from pacts p join organisations o on o.id = p.proposer_id left join proposals r on r.id = p.proposal_id
    where p.id = $1`,
}

const partiesOf: Statement<Party> = {
  name: 'parties',
  text: `select o.id, o.name, party.standing,
      coalesce(r.author_id = o.id, false) or exists (select from responses a
        where a.proposal_id = p.proposal_id and a.organisation_id = o.id and a.decision = 'accept'),
      exists (select from signatures s where s.proposal_id = p.proposal_id and s.organisation_id = o.id)
    from pacts p join pact_parties party on party.pact_id = p.id join organisations o on o.id = party.organisation_id
      left join proposals r on r.id = p.proposal_id
    where p.id = $1 order by o.id <> p.proposer_id, o.name, o.id`,
}

const yes = 't'

export async function pact(client: Client, id: string, own: string | undefined) {
  const [[row], parties] = await Promise.all([client.query(byId, [id]), client.query(partiesOf, [id])])
  if (!row) return undefined
  const [, version, createdAt, updatedAt, status, title, purpose, proposerId, proposer, ...agreed] = row
  const [startsOn, endsOn, noticeDays, signBy, activatedAt, ...current] = agreed
  const moves = pactMoves(own === proposerId, status)
  const shown = parties.map(
    ([partyId, name, standing, accepted, signed]) =>
      `{"organisation":${reference('organisations', partyId, name)},"standing":"${standing}","acceptedCurrent":${accepted === yes},"signed":${signed === yes}}`,
  )
  const body = `{"id":"${id}","version":${version},"createdAt":${instant(createdAt)},"updatedAt":${instant(updatedAt)},"url":"/v1/pacts/${id}","status":"${status}","allowedMoves":${moves},"title":${text(title)},"purpose":"${purpose}","proposer":${reference('organisations', proposerId, proposer)},"parties":[${shown.join(',')}],"proposal":${proposal(current)},"startsOn":${plain(startsOn)},"endsOn":${plain(endsOn)},"noticeDays":${noticeDays},"signBy":${instant(signBy)},"activatedAt":${instant(activatedAt)}}`
  return { version, body }
}

function proposal([id, number, status, authorId, digest, answerBy]: Proposal): string {
  if (id === null) return 'null'
  return `{"id":"${id}","url":"/v1/proposals/${id}","number":${number},"status":"${status}","authorId":"${authorId}","contentDigest":"${digest}","answerBy":${instant(answerBy)}}`
}
