import t from 'tap'
import { stageOn } from '../../scripts/story/stage.ts'
import { playStory } from '../../scripts/story/story.ts'
import { cloneDatabase } from '../databases.ts'

t.test('the story runs from registration to return visit with every expected answer', async (t) => {
  const { url, drop } = await cloneDatabase()
  const stage = await stageOn(url, drop)
  t.teardown(() => stage.close())

  const chapters: string[] = []
  await playStory(stage, {
    chapter: (title) => chapters.push(title),
    step: ({ asked, status, expected, meaning }) =>
      t.ok(expected.includes(status), `${status} ${asked.method} ${asked.path}: ${meaning}`),
    check: (meaning, holds) => t.ok(holds, meaning),
  })

  t.same(
    chapters.map((title) => title.split('. ')[0]),
    ['1', '2', '3', '4', '5'],
    'the chapters are numbered from 1 without a gap',
  )
})
