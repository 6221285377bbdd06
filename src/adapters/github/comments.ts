import { expected } from '../../expected.ts'
import type { Clock } from '../../ports.ts'
import { timeLimit } from '../../time-limit.ts'

export interface PullRequest {
  /** `https://api.github.com` */
  readonly api: string
  /** `acme/shop` */
  readonly repository: string
  readonly number: number
  readonly token: string
}

interface Asked extends PullRequest {
  readonly signal: AbortSignal
}

interface Refused {
  readonly refused: string
}

export type Stuck = { readonly how: 'made' | 'updated' } | Refused

interface Comment {
  readonly id: number
  readonly body?: string
}

const PER_PAGE = 100
/** For all that is asked of GitHub. */
const ANSWER_MS = 60_000

/**
 * Writes the comment that begins with `mark`: the one that is there, else a new one. Else why it
 * could not: no run fails for a comment.
 */
export async function stickComment(request: PullRequest, mark: string, body: string, clock: Clock): Promise<Stuck> {
  const limit = timeLimit(ANSWER_MS, { clock, signal: new AbortController().signal })
  try {
    return await stick({ ...request, signal: limit.signal }, mark, body)
  } catch (error) {
    // By a TypeError `fetch` says that nothing has answered.
    const { cause } = error as Error
    return { refused: error instanceof TypeError && cause instanceof Error ? cause.message : expected(error).message }
  } finally {
    limit.end()
  }
}

async function stick(pull: Asked, mark: string, body: string): Promise<Stuck> {
  const { repository, number } = pull
  const own = await commentsWith(pull, mark)
  if ('refused' in own) return own
  for (const { id } of own) {
    // Anybody may write the mark into a comment of his own: that one cannot be changed, the next may be.
    const answer = await ask(pull, 'PATCH', `/repos/${repository}/issues/comments/${id}`, { body })
    if (answer.ok) return { how: 'updated' }
    if (answer.status !== 403 && answer.status !== 404) return await refused(answer)
  }
  const answer = await ask(pull, 'POST', `/repos/${repository}/issues/${number}/comments`, { body })
  if (answer.ok) return { how: 'made' }
  return await refused(answer)
}

async function commentsWith(pull: Asked, mark: string): Promise<readonly Comment[] | Refused> {
  const found: Comment[] = []
  for (let page = 1; ; page += 1) {
    const path = `/repos/${pull.repository}/issues/${pull.number}/comments?per_page=${PER_PAGE}&page=${page}`
    const answer = await ask(pull, 'GET', path)
    if (!answer.ok) return await refused(answer)
    const comments = (await answer.json()) as readonly Comment[]
    found.push(...comments.filter(({ body = '' }) => body.startsWith(mark)))
    if (comments.length < PER_PAGE) return found
  }
}

async function ask({ api, token, signal }: Asked, method: string, path: string, body?: object): Promise<Response> {
  return await fetch(`${api}${path}`, {
    method,
    signal,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'x-github-api-version': '2022-11-28',
      'user-agent': 'forge',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

async function refused(answer: Response): Promise<Refused> {
  const said = /"message"\s*:\s*"([^"]*)"/u.exec(await answer.text())?.[1] ?? answer.statusText
  return { refused: `${answer.status} ${said}` }
}
