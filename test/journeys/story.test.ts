import t from 'tap'
import { stageOn } from '../../scripts/story/stage.ts'
import { playStory } from '../../scripts/story/story.ts'
import { cloneDatabase } from '../databases.ts'

t.test('the story runs to its end, every answer as it must be', async (t) => {
  const { url, drop } = await cloneDatabase()
  const stage = await stageOn(url, drop)
  t.teardown(() => stage.close())

  await playStory(stage, {
    chapter: (title) => t.comment(title),
    step: ({ asked, status, expected, meaning }) =>
      t.ok(expected.includes(status), `${status} ${asked.method} ${asked.path}: ${meaning}`),
    check: (meaning, holds) => t.ok(holds, meaning),
  })
})
