/**
 * `npm run story` makes a pact by HTTP and prints each step. `--url http://…` uses a running server; it then needs the
 * operator's token in OPERATOR_TOKEN. Exits with code 1 if an answer is not as expected.
 */
import { parseArgs } from 'node:util'
import { givenStage, ownStage, type Stage } from './story/stage.ts'
import { playStory } from './story/story.ts'
import { printing } from './story/telling.ts'
import { isStartFailure } from '../src/platform/failures.ts'

const { values } = parseArgs({ options: { url: { type: 'string' } } })

try {
  process.exitCode = await main(values.url)
} catch (error) {
  console.error(isStartFailure(error) || error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function main(url: string | undefined): Promise<number> {
  const operatorToken = process.env['OPERATOR_TOKEN']
  if (url !== undefined && !operatorToken) {
    console.error(
      'Put the operator’s token, which the service printed at its first start, into OPERATOR_TOKEN.',
    )
    return 1
  }
  const stage = url === undefined ? await ownStage() : givenStage(url, operatorToken as string)
  try {
    await play(stage)
    return 0
  } finally {
    await stage.close()
  }
}

async function play(stage: Stage): Promise<void> {
  console.log(
    `On ${stage.url}. Facts are those of the letter of solidarity; what it does not say is sample data.`,
  )
  await playStory(stage, printing(process.stdout))
  console.log('\nThe story has run to its end.')
}
