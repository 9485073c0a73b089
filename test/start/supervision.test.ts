import { rename } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { asOwner } from '../databases.ts'
import { runningEmbedded } from '../../src/platform/embedded/embedded.ts'
import {
  askAgainMs,
  beginService,
  dataFolder,
  filled,
  lives,
  register,
  refusal,
  serverOf,
  startService,
  type Service,
} from './service.ts'
import { usedDataFolder } from './used-data-folder.ts'

t.test('a killed embedded PostgreSQL is started again, and the service continues', async (t) => {
  const DATA_FOLDER = await usedDataFolder(t)
  const service = await startService(t, { DATA_FOLDER })
  await service.prints('npm run story')
  const made = await register(service)
  const before = await runningEmbedded(DATA_FOLDER)

  process.kill(await serverOf(DATA_FOLDER), 'SIGKILL')
  const seen = new Set<number>()
  const away = await answered(service, '/readyz', 503, seen)
  const alive = await fetch(`${service.url}/livez`)
  const back = await answered(service, '/readyz', 200, seen)

  t.equal(away.headers.get('retry-after'), '2')
  t.equal(alive.status, 200)
  t.equal(back.status, 200)
  t.same([...seen].sort(), [200, 503])
  t.equal(await made.foundIn(service), 200, 'what was answered before is there')
  t.ok(await register(service), 'and it writes again')
  t.match(service.printed(), /"msg":"The embedded PostgreSQL has ended \(SIGKILL\) and is started again\."/)
  t.match(service.printed(), /"msg":"The embedded PostgreSQL runs again\."/)
  t.same(await runningEmbedded(DATA_FOLDER), before, 'at the same address, and owned')
  const intruder = await refusal(t, { DATA_FOLDER })
  t.match(intruder.sentence, /is locked: another instance/)

  service.signal('SIGTERM')
  t.equal(await service.ended, 0)
  t.notMatch(service.printed(), /\n +at /, 'no stack trace')
})

t.test('after one process of the embedded PostgreSQL crashed, no start takes it for an orphan', async (t) => {
  const DATA_FOLDER = await usedDataFolder(t)
  const service = await startService(t, { DATA_FOLDER })
  await service.prints('npm run story')
  const { url = '' } = (await runningEmbedded(DATA_FOLDER)) ?? {}
  const everyConnection =
    'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()'

  await asOwner(url, everyConnection)
  await filled(() => runningEmbedded(DATA_FOLDER))
  const intruder = await refusal(t, { DATA_FOLDER })

  t.match(intruder.sentence, /is locked: another instance/)
  t.equal((await answered(service, '/readyz', 200)).status, 200)
  t.notMatch(service.printed(), 'has ended', 'it is the same server all the time')
  service.signal('SIGTERM')
  t.equal(await service.ended, 0)
})

t.test(
  'the service exits with one sentence if the embedded PostgreSQL cannot be started again',
  async (t) => {
    const DATA_FOLDER = await usedDataFolder(t)
    const service = await startService(t, { DATA_FOLDER })
    await service.prints('npm run story')
    const control = path.join(DATA_FOLDER, 'postgres/cluster/global/pg_control')
    const server = await serverOf(DATA_FOLDER)

    await rename(control, `${control}.away`)
    process.kill(server, 'SIGKILL')

    t.equal(await service.ended, 1)
    const sentence = /^The embedded PostgreSQL failed 5 times in a row, so the service ends; .*$/gm
    t.equal(service.printed().match(sentence)?.length, 1)
    t.match(service.printed(), /the last time it said: .+ \(more in .+server\.log\)\n/)
    t.equal(service.printed().match(/could not be started again \(attempt \d of 5\)/g)?.length, 5)
    t.notMatch(service.printed(), /\n +at /, 'no stack trace')
    await rename(`${control}.away`, control)
    const next = await startService(t, { DATA_FOLDER })
    await next.prints('npm run story')
    next.signal('SIGTERM')
    t.equal(await next.ended, 0)
  },
)

t.test('the service starts although the embedded PostgreSQL is killed during the start', async (t) => {
  const DATA_FOLDER = await dataFolder(t)
  const killed = new Set<number>()
  const service = await beginService(t, { DATA_FOLDER })
  // As soon as it is running, and again during the next steps: creating the tables, connecting, enqueuing.
  for (const moment of ['starting', 'started once more', 'a third time']) {
    const server = await filled(async () => {
      const pid = await serverOf(DATA_FOLDER)
      return pid > 0 && !killed.has(pid) && pid
    })
    killed.add(server as number)
    if (moment !== 'starting') await filled(() => runningEmbedded(DATA_FOLDER))
    process.kill(server as number, 'SIGKILL')
  }

  await service.prints('npm run story')

  t.equal(killed.size, 3)
  t.ok(await register(service))
  t.match(service.printed(), /The operator's token, shown this once: \S{40}/)
  service.signal('SIGTERM')
  t.equal(await service.ended, 0)
  t.notMatch(service.printed(), /\n +at /, 'no stack trace')
})

t.test('the service stops cleanly although the embedded PostgreSQL is killed meanwhile', async (t) => {
  const DATA_FOLDER = await usedDataFolder(t)
  const service = await startService(t, { DATA_FOLDER })
  await service.prints('npm run story')
  const server = await serverOf(DATA_FOLDER)

  service.signal('SIGTERM')
  process.kill(server, 'SIGKILL')

  t.equal(await service.ended, 0)
  await filled(async () => !lives(server))
  const left = await serverOf(DATA_FOLDER)
  t.notOk(left !== 0 && left !== server && lives(left), 'and leaves no server behind')
  t.notMatch(service.printed(), /\n +at /, 'no stack trace')
})

/** Retries until this answer comes; the time limit of the test ends it otherwise. */
async function answered(service: Service, url: string, status: number, seen?: Set<number>) {
  for (;;) {
    const answer = await fetch(service.url + url)
    await answer.arrayBuffer()
    seen?.add(answer.status)
    if (answer.status === status) return answer
    await pause(askAgainMs)
  }
}
