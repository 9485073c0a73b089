/** A server that speaks just enough of PostgreSQL's protocol to report that it is PostgreSQL 14. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'

const columns = ['version', 'major', 'encoding']
const row = ['140011', '14.11', 'UTF8']

/** Returns its address for DATABASE_URL. */
export async function oldPostgres(t: Test): Promise<string> {
  const server = createServer(converse).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return `postgresql://old:old@127.0.0.1:${(server.address() as AddressInfo).port}/old`
}

/** The client waits for each answer, so each message arrives alone. The first one has no type. */
function converse(socket: Socket): void {
  socket.on('error', () => socket.destroy())
  socket.once('data', () => {
    socket.write(Buffer.concat([authenticated, ready]))
    socket.on('data', (received) => {
      if (received.toString('latin1', 0, 1) === 'Q') socket.write(answer)
    })
  })
}

const authenticated = message('R', int32(0))
const ready = message('Z', Buffer.from('I'))
const answer = Buffer.concat([
  message('T', int16(columns.length), ...columns.map(textColumn)),
  message(
    'D',
    int16(row.length),
    ...row.map((value) => Buffer.concat([int32(value.length), Buffer.from(value)])),
  ),
  message('C', Buffer.from('SELECT 1\0')),
  ready,
])

/** Name, no table, no column, type text, any length, no modifier, text format. */
function textColumn(name: string): Buffer {
  return Buffer.concat([
    Buffer.from(`${name}\0`),
    int32(0),
    int16(0),
    int32(25),
    int16(-1),
    int32(-1),
    int16(0),
  ])
}

function message(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body])
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
