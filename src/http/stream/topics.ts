/** What a client can subscribe to: `jobs`, `job:<id>`, `vm:<name>`. */

export type Topic =
  | { readonly kind: 'jobs'; readonly name: 'jobs' }
  | { readonly kind: 'job'; readonly name: string; readonly jobId: string }
  | { readonly kind: 'vm'; readonly name: string; readonly vmName: string }

export const ALL_JOBS: Topic = { kind: 'jobs', name: 'jobs' }

/** As long as a name in a path may be (SEC-1), and its prefix. */
export const MAX_TOPIC_LENGTH = 259
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const NAME = /^(job|vm):([^\u0000-\u001f\u007f]{1,255})$/

/** undefined for anything that is not a topic. Whether the job or VM exists does not matter: it may come later. */
function parseTopic(text: string): Topic | undefined {
  if (text === 'jobs') return ALL_JOBS
  const [, kind, value] = NAME.exec(text) ?? []
  if (value === undefined) return undefined
  return kind === 'job' ? { kind, name: text, jobId: value } : { kind: 'vm', name: text, vmName: value }
}

/** Every text as a topic, each once; or a sentence that names those that are none. */
export function parseTopics(texts: readonly string[]): readonly Topic[] | string {
  const topics = new Map<string, Topic>()
  const wrong: string[] = []
  for (const text of texts) {
    const topic = parseTopic(text)
    if (topic === undefined) wrong.push(JSON.stringify(text.slice(0, MAX_TOPIC_LENGTH)))
    else topics.set(topic.name, topic)
  }
  if (wrong.length > 0) return `not a topic: ${wrong.join(', ')}; topics are jobs, job:<id> and vm:<name>`
  return [...topics.values()]
}
