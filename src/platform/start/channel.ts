/** Questions and answers between the supervisor and its processes, over the channel that node:cluster opens. */
import type { Worker } from 'node:cluster'

type Message =
  | { kind: 'question'; number: number; question: string; content: unknown }
  | { kind: 'answer'; number: number; answer?: unknown; failed?: true }

/** Answers the other end's question. What it throws is told there as a failure, without its text. */
type Answerer = (question: string, content: unknown) => unknown

export type Channel = {
  /** Stays without an answer when the other end is gone. */
  ask<Answer>(question: string, content?: unknown): Promise<Answer>
}

/** The supervisor has one channel for each process; a process has one, to the supervisor. */
export function openChannel(worker: Worker, answer: Answerer): Channel {
  const asked = new Map<number, PromiseWithResolvers<unknown>>()
  let numbers = 0
  // A channel that is closed belongs to a process that is ending; there is nobody to tell.
  const send = (message: Message) => void worker.send(message, () => undefined)

  worker.on('message', (message: Message) => {
    if (message.kind === 'question') return void answerTo(message)
    const waiting = asked.get(message.number)
    asked.delete(message.number)
    if (message.failed) waiting?.reject(new Error('the other process could not answer'))
    else waiting?.resolve(message.answer)
  })

  async function answerTo({ number, question, content }: Message & { kind: 'question' }): Promise<void> {
    try {
      send({ kind: 'answer', number, answer: await answer(question, content) })
    } catch {
      send({ kind: 'answer', number, failed: true })
    }
  }

  return {
    ask: <Answer>(question: string, content?: unknown) => {
      const waiting = Promise.withResolvers<unknown>()
      asked.set(++numbers, waiting)
      send({ kind: 'question', number: numbers, question, content })
      return waiting.promise as Promise<Answer>
    },
  }
}
