import { expect, test } from 'vitest'
import { createProblemList, hearBundleNews, openBundleNews, type BundleNews } from './problems.ts'

test('a problem of a bundle stands until its own directory says that it is over', () => {
  const problems = createProblemList(() => 0)
  problems.hear({ directory: 'a', code: 'BUNDLE_REFUSED', message: 'MODEL_EMPTY' })
  problems.hear({ directory: 'a', code: 'BUNDLE_REFUSED', message: 'MODEL_EMPTY' }) // of another thread
  problems.hear({ directory: 'a', code: 'FIT_FAILED', message: 'not fitted' })
  problems.hear({ directory: 'b', code: 'BUNDLE_REFUSED', message: undefined })
  expect(problems.at(0)).toEqual([
    { code: 'BUNDLE_REFUSED', message: 'a: MODEL_EMPTY' },
    { code: 'FIT_FAILED', message: 'a: not fitted' },
  ])
  problems.hear({ directory: 'a', code: 'BUNDLE_REFUSED', message: undefined })
  expect(problems.at(0).map(({ code }) => code)).toEqual(['FIT_FAILED'])
})

test('a missing model shows with its decisions for a quarter of an hour after the last of them', () => {
  let now = 0
  const problems = createProblemList(() => now)
  problems.committed({ quarantinedByCode: new Map([['EVENT_INVALID', 4]]) })
  expect(problems.at(now)).toEqual([])
  problems.committed({ quarantinedByCode: new Map([['MODEL_UNKNOWN', 2]]) })
  now = 800_000
  problems.committed({ quarantinedByCode: new Map([['MODEL_UNKNOWN', 3]]) })
  expect(problems.at(1_700_000)).toMatchObject([{ code: 'MODEL_UNKNOWN', message: expect.stringMatching(/^5 /) }])
  expect(problems.at(1_700_001)).toEqual([])
})

test('news of a thread is heard in the order told', async () => {
  const news: BundleNews = { directory: 'a', code: 'FIT_FAILED', message: 'x' }
  const tell = openBundleNews()
  const heard: BundleNews[] = []
  await new Promise<void>((resolve) => {
    const channel = hearBundleNews((each) => {
      heard.push(each)
      if (heard.length === 2) resolve(channel.close())
    })
    tell(news)
    tell({ ...news, message: undefined })
  })
  expect(heard).toEqual([news, { ...news, message: undefined }])
})
