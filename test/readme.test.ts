import t from 'tap'
import { playFirstSession } from './fixtures/readme-session.ts'

t.test('the first session of the README runs when it is pasted, to a visit that is accepted', async (t) => {
  const { service, exitCode, output } = await playFirstSession(t)

  t.equal(exitCode, 0, output)
  t.match(
    output,
    /^verified\n\[ 'negotiate', 'sign', 'visit', 'vouch' \]\nhttp:\/\/127\.0\.0\.1:\d+\/offer#spl_[\w-]+\naccept\n.+Z\n.+Z\nactive\naccepted\n$/,
  )
  service.signal('SIGTERM')
  t.equal(await service.ended, 0)
})
