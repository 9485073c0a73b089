import { readdir, readFile } from 'node:fs/promises'
import { once } from 'node:events'
import { request } from 'node:http'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import {
  askAgainMs,
  beginService,
  dataFolder,
  filled,
  listens,
  lives,
  serverOf,
  startService,
} from './service.ts'
import { usedDataFolder } from './used-data-folder.ts'

const union = { kind: 'union', name: 'Our union', country: 'DE', secretary: { displayName: 'Vesna' } }

t.test('Ctrl-C stops the service gracefully, although npm sends the signal twice', async (t) => {
  const settings = { DATA_FOLDER: await usedDataFolder(t), LOG_LEVEL: 'info' }
  const service = await startService(t, settings)
  await service.prints('npm run story')
  const server = await serverOf(settings.DATA_FOLDER)
  const body = JSON.stringify(union)
  const post = request(`${service.url}/v1/organisations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': body.length },
  })
  const answered = once(post, 'response')
  post.write(body.slice(0, 20))
  await service.prints('"route":"/v1/organisations"')

  service.signalAll('SIGINT')
  while (await listens(service)) await pause(askAgainMs)
  service.signal('SIGINT')
  post.end(body.slice(20))

  const [answer] = (await answered) as [{ statusCode: number; resume(): void }]
  answer.resume()
  t.equal(answer.statusCode, 201, 'what had begun is finished')
  t.equal(await service.ended, 0)
  // The system may list the ended process a moment longer.
  t.ok(await filled(async () => !lives(server)))
  t.notMatch(service.printed(), /\n +at /, 'no stack trace')
})

t.test('SIGTERM to all processes stops the database after the service', async (t) => {
  const settings = { DATA_FOLDER: await usedDataFolder(t) }
  const service = await startService(t, settings)
  const server = await serverOf(settings.DATA_FOLDER)

  service.signalAll('SIGTERM')

  t.equal(await service.ended, 0)
  t.notOk(lives(server))
  t.match(
    await readFile(path.join(settings.DATA_FOLDER, 'postgres/server.log'), 'utf8'),
    'database system is shut down',
  )
})

t.test('a start that is interrupted leaves neither a server nor half-written files', async (t) => {
  const settings = { DATA_FOLDER: await dataFolder(t) }

  const making = await beginService(t, settings)
  await filled(() => readdir(settings.DATA_FOLDER))
  making.signalAll('SIGINT')
  t.equal(await making.ended, 0)
  t.same(await readdir(settings.DATA_FOLDER), [])

  const starting = await beginService(t, settings)
  const server = await filled(() => serverOf(settings.DATA_FOLDER))
  starting.signalAll('SIGTERM')
  t.equal(await starting.ended, 0)
  await filled(async () => !lives(server))
  t.notMatch(starting.printed(), /\n +at /)
})
