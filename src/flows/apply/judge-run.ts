import type { Followed } from '../phases/applied.ts'
import { judgeWritten, type Written } from '../prove/under-watch.ts'
import type { Writer } from './write-session.ts'

/** What helm left of a run is judged from here on, under the lock of its session. */
export async function judgeRun(
  { follower, cluster, stages, project }: Pick<Followed, 'follower' | 'cluster' | 'stages' | 'project'>,
  { session, report }: Pick<Writer, 'session' | 'report'>,
  how: Pick<Written, 'remade' | 'isBack'>,
  signal: AbortSignal,
  beside: readonly Promise<unknown>[] = [],
): Promise<void> {
  const { namespace } = project.environment
  const confirm = async (): Promise<void> => await session.confirm()
  const tell = (source: string, text: string): void => report.line(source, text)
  await judgeWritten({ ...how, follower, cluster, stages, namespace, confirm, tell }, signal, beside)
}
