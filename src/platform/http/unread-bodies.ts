/**
 * Handles a body that is still arriving when its request is answered. Closing the connection at once would show the
 * client a reset instead of the answer. So the rest is read and dropped up to a limit; a client that sends more, or
 * too slowly, is disconnected.
 */
import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'

const droppedBytesMax = 1024 * 1024
const droppingMsMax = 1000

/** Whether the body of a request that is answered now will be read to its end; else the answer announces the close. */
export const restMayBeDropped = ({ headers }: IncomingMessage): boolean =>
  Number(headers['content-length'] ?? 0) <= droppedBytesMax

/** For a request that was answered. A connection that is to stay open does so when the body ends within the bound. */
export function dropUnreadBody(request: IncomingMessage): void {
  if (request.complete) return
  const { socket } = request
  // Node calls this after the last answer of a connection. Without the wait the client would be reset while it sends.
  socket.destroySoon = () => socket.end()
  drop(request, socket, () => {
    socket.destroySoon = Socket.prototype.destroySoon
    if (socket.writableEnded) socket.destroySoon()
  })
}

/** For bytes that are no request, or the end of one that came too late: nothing reads them as HTTP any more. */
export function dropUnreadBytes(socket: Socket): void {
  socket.removeAllListeners('data')
  drop(socket, socket, () => socket.destroy())
}

function drop(source: Readable, socket: Socket, done: () => void): void {
  const timer = setTimeout(() => socket.destroy(), droppingMsMax)
  const stop = () => clearTimeout(timer)
  socket.once('close', stop)
  source.once('end', () => {
    stop()
    socket.off('close', stop)
    done()
  })
  let bytes = 0
  source.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= droppedBytesMax) return
    // The client reads the answer and the end of the connection, and has the rest of the time to hang up by itself.
    source.pause()
    socket.pause()
    socket.end()
  })
  source.resume()
}
