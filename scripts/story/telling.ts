/** Sends the requests step by step, and prints each: the request, the status, and its meaning. */
import { styleText } from 'node:util'

export type Asked = {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  token?: string | undefined
  headers?: Record<string, string>
  body?: unknown
}

/** The story reads answers as a person would, without types. */
export type Answer = { status: number; headers: Headers; body: any }

export type Step = { asked: Asked; status: number; expected: readonly number[]; meaning: string }

export type Teller = {
  /** Sends a request, and ends the story if the answer has another status than expected. */
  step(meaning: string, asked: Asked, expected: number): Promise<Answer>
  /** Sends several requests at the same moment; their statuses must be these, in any order. */
  atOnce(meaning: string, asked: Asked[], expected: number[]): Promise<Answer[]>
  /** The same as `step`, with the current ETag as If-Match. */
  change(meaning: string, asked: Asked, expected: number): Promise<Answer>
  /** Prints a note that is not a request. */
  check(meaning: string, holds: boolean): void
  /** Starts a chapter and numbers it. */
  chapter(title: string): void
}

export type Listener = {
  chapter(title: string): void
  step(step: Step): void
  check(meaning: string, holds: boolean): void
}

export function openTeller(baseUrl: string, listener: Listener): Teller {
  const step: Teller['step'] = async (meaning, asked, expected) => {
    const answer = await send(baseUrl, asked)
    listener.step({ asked, status: answer.status, expected: [expected], meaning })
    if (answer.status !== expected) throw broken(asked, [answer], [expected])
    return answer
  }
  let chapters = 0
  return {
    step,
    atOnce: async (meaning, asked, expected) => {
      const answers = await Promise.all(asked.map((one) => send(baseUrl, one)))
      asked.forEach((one, i) =>
        listener.step({ asked: one, status: answers[i]?.status ?? 0, expected, meaning }),
      )
      const statuses = answers.map((answer) => answer.status).sort()
      if (statuses.join() !== [...expected].sort().join()) throw broken(asked[0] as Asked, answers, expected)
      return answers
    },
    change: async (meaning, asked, expected) => {
      const target = asked.path.replace(/\/[a-z-]+$/, '')
      const etag = (await send(baseUrl, { method: 'GET', path: target, token: asked.token })).headers.get(
        'etag',
      )
      return step(meaning, { ...asked, headers: { ...asked.headers, 'if-match': etag ?? '*' } }, expected)
    },
    check: (meaning, holds) => {
      listener.check(meaning, holds)
      if (!holds) throw new Error(`The story breaks here: ${meaning}`)
    },
    chapter: (title) => listener.chapter(`${(chapters += 1)}. ${title}`),
  }
}

async function send(baseUrl: string, { method, path, token, headers, body }: Asked): Promise<Answer> {
  const response = await fetch(new URL(path, baseUrl), {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}

function broken(asked: Asked, answers: Answer[], expected: readonly number[]): Error {
  const told = answers.map((answer) => `${answer.status} ${JSON.stringify(answer.body)}`).join('\n')
  return new Error(
    `The story breaks here: ${asked.method} ${asked.path} should answer ${expected.join(', ')}, but:\n${told}`,
  )
}

/** Prints in colour on a terminal, without colour elsewhere. */
export function printing(out: NodeJS.WriteStream): Listener {
  const paint = (format: Parameters<typeof styleText>[0], text: string) =>
    styleText(format, text, { stream: out })
  const say = (text: string) => out.write(`${text}\n`)
  return {
    chapter: (title) => say(`\n${paint('bold', title)}`),
    step: ({ asked, status, expected, meaning }) => {
      const good = expected.includes(status)
      say(`  ${paint(good ? 'green' : 'red', String(status))} ${paint('cyan', asked.method)} ${asked.path}`)
      say(`      ${meaning}`)
    },
    check: (meaning, holds) => say(`  ${paint(holds ? 'green' : 'red', holds ? ' ok' : ' no')} ${meaning}`),
  }
}
