/** What the contract says before its first operation. */

export const introduction = `Unions, strike committees and international coordinations use this service to offer
each other a **pact of mutual support**, to answer such an offer, to sign it, and to keep it.

**Who you are.** Every caller but an anonymous one sends \`Authorization: Bearer <token>\`. A token is an opaque
secret; registering an organisation answers the first one, once. What a token may do follows from the mandates of
its holder at the moment of the request. Who holds an offer link sends the secret of that link in the same header.

**What you may send.** JSON without unknown fields, and no unknown query parameters: both are refused by name.
A change names the version that it changes: send the \`ETag\` that you read in
\`If-Match\`. The version in it is what is compared, so an \`ETag\` that a proxy made weak (\`W/"…"\`) will do.
A request without a body may carry a \`Content-Type\`. A POST that creates something takes an \`Idempotency-Key\`, so that it can be repeated when its answer got lost.
Texts are kept and answered code point by code point. One thing changes: in texts of several lines, CR LF, CR and
U+0085 become a line feed (U+000A). Answers, digests and signatures are of the text with line feeds.

Instants are read with any offset and kept in UTC with milliseconds; further digits are cut off. In a query, percent-encode
the \`+\` of an offset as \`%2B\`. A PATCH or a PUT that changes nothing keeps the version.

**What you get.** Every resource has an \`id\`, a \`version\`, and where it has a course of life a \`status\` with
the \`allowedMoves\` of this caller. Within \`/v1\` answers may gain fields, and lose none. Lists are pages:
\`nextCursor\` is null on the last one. HEAD is answered like GET.

**When it is refused.** All refusals are \`application/problem+json\` with a \`code\` for programs and a page about
it; [all of them](/problems) are listed. What you may not know of is answered like what does not exist: 404.

# Getting started

The examples need \`curl\` and the address of this service in \`API\`.

**1. Register your organisation.** The answer holds the token of its first secretary. It is shown once: keep it.

\`\`\`
curl -s $API/v1/organisations -H 'content-type: application/json' -d '{
  "kind": "union", "name": "Our union", "country": "DE",
  "secretary": {"displayName": "Vesna"}}'
\`\`\`

**2. See who you are.** Put the secret into \`TOKEN\`. The answer lists your mandates and what they allow.

\`\`\`
curl -s $API/v1/me -H "authorization: Bearer $TOKEN"
\`\`\`

**3. Be verified.** A new organisation is \`provisional\`: it can prepare, but not propose. Find the coordinations that
can verify you, and ask one of them; \`next\` in the answers of the first two steps says so too. If a coordination invited you,
send the secret as \`invitation\` in step 1.

\`\`\`
curl -s "$API/v1/organisations?kind=coordination&status=verified"
\`\`\`

**4. Draft a pact** with \`POST /v1/pacts\`, and propose its text with \`POST /v1/pacts/{id}/proposals\`.

**5. Sign.** When every party has accepted, each of them signs with \`POST /v1/pacts/{id}/signatures\`. The last
signature puts the pact into force.`

export const license = {
  name: 'GNU Affero General Public License v3.0 or later',
  identifier: 'AGPL-3.0-or-later',
}

export const securitySchemes = {
  token: {
    type: 'http',
    scheme: 'bearer',
    description:
      'An opaque token of a delegate, of an organisation’s own system, or of the operator; or an access token of the identity provider that this service knows, from an account that was bound by enrolling.',
  },
  offerLink: {
    type: 'http',
    scheme: 'bearer',
    description: 'The secret of an offer link, good for one pact and one decision.',
  },
}
