import type { Session } from './session.ts'

/**
 * A closed terminal stops the run as SIGTERM does, so that nothing of an environment is left behind. It takes nothing from `nohup`:
 * Node sets what is ignored back when it starts.
 */
export function stopOnHangup({ onClose }: Pick<Session, 'onClose'>): void {
  const stop = (): void => void process.kill(process.pid, 'SIGTERM')
  process.on('SIGHUP', stop)
  onClose(() => void process.off('SIGHUP', stop))
}
