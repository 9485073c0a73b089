/** The introduction of the contract: what every client must know, and the first steps. */

export const introduction = `Unions, strike committees and international coordinations use this service to offer
each other a **pact of mutual support**, to answer such an offer, to sign it, and to keep it.

**Authentication.** Send \`Authorization: Bearer <token>\`, unless the operation is open to anyone. A token is an opaque
secret. Registering an organisation returns the first token, once. The mandates that its holder has at the moment of the
request decide what a token may do. The holder of an offer link sends the secret of that link in the same header.

**Requests**

- Send JSON. The service refuses unknown fields and unknown query parameters, and names them.
- A change names the version that it changes: send the \`ETag\` that you read in \`If-Match\`. The service compares only the
  version in it, so it also accepts an \`ETag\` that a proxy made weak (\`W/"…"\`).
- Send an \`Idempotency-Key\` with a POST that creates something. You can then repeat the request when its answer is lost.
- A request without a body may have a \`Content-Type\`.
- The service stores and returns texts code point by code point, with one exception: in texts of several lines, CR LF, CR
  and U+0085 become a line feed (U+000A). Answers, digests and signatures use the text with line feeds.
- Instants may have any offset. The service keeps them in UTC with milliseconds and cuts off further digits. In a query,
  percent-encode the \`+\` of an offset as \`%2B\`.

**Answers**

- Every resource has an \`id\` and a \`version\`. A resource with a lifecycle also has a \`status\`, and the \`allowedMoves\`
  of this caller.
- Within \`/v1\`, answers may gain fields but never lose one.
- Lists come in pages. \`nextCursor\` is null on the last page.
- A PATCH or a PUT that changes nothing keeps the version.
- HEAD returns the headers of GET.

**Errors.** Every error is \`application/problem+json\` with a \`code\` for programs and a \`type\`: the address of a page that
says what to do. [The list of all problems](/problems) shows them. Something that you may not know about is answered like
something that does not exist: 404.

**This document** is OpenAPI 3.1. For tools that read only OpenAPI 3.0, the same contract is at
[/openapi-3.0.json](/openapi-3.0.json).

# Getting started

The examples need \`curl\`, and the address of this service in the variable \`API\`.

**1. Register your organisation.** The answer contains the token of its first secretary. It is shown only once: store it.

\`\`\`
curl -s $API/v1/organisations -H 'content-type: application/json' -d '{
  "kind": "union", "name": "Our union", "country": "DE",
  "secretary": {"displayName": "Vesna"}}'
\`\`\`

**2. Check your access.** Put the token into the variable \`TOKEN\`. The answer lists your mandates and what they allow.

\`\`\`
curl -s $API/v1/me -H "authorization: Bearer $TOKEN"
\`\`\`

**3. Get verified.** A new organisation is \`provisional\`: it can prepare a pact, but not propose it. Find the coordinations
that can verify you, and ask one of them; \`next\` in the answers of the first two steps says so too. If a coordination
invited you, send the secret of the invitation as \`invitation\` in step 1.

\`\`\`
curl -s "$API/v1/organisations?kind=coordination&status=verified"
\`\`\`

**4. Draft a pact** with \`POST /v1/pacts\`, and propose its text with \`POST /v1/pacts/{id}/proposals\`.

**5. Sign.** When every party has accepted, each party signs with \`POST /v1/pacts/{id}/signatures\`. The last
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
      'An opaque token of a delegate, of the own system of an organisation, or of the operator. Or an access token of the identity provider of this service, for an account that was bound by an enrolment.',
  },
  offerLink: {
    type: 'http',
    scheme: 'bearer',
    description: 'The secret of an offer link. It is valid for one pact and one decision.',
  },
}
