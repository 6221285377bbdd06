import { isMap, type PlainMap } from '../config/path.ts'
import { parseQuantity } from '../quantity.ts'
import type { ComposeTexts } from '../images/compose-texts.ts'
import type { Workload } from './model.ts'

/** A guess, for what says nothing itself. */
export const GUESSED: Pick<Workload, 'cpu' | 'memory'> = {
  cpu: { request: '50m' },
  memory: { request: '64Mi', limit: '512Mi' },
}

/** `deploy.resources`, or the older keys of a service itself. */
export function composeResources(raw: PlainMap, texts: ComposeTexts): Pick<Workload, 'cpu' | 'memory'> {
  const deploy = isMap(raw['deploy']) ? raw['deploy'] : {}
  const resources = isMap(deploy['resources']) ? deploy['resources'] : {}
  const part = (key: string): PlainMap => (isMap(resources[key]) ? resources[key] : {})
  const [limits, reserved] = [part('limits'), part('reservations')]
  const text = (value: unknown): string | undefined => texts.text(value, ['deploy', 'resources'])
  return {
    cpu: cpuFrom(cpuOf(text(limits['cpus'] ?? raw['cpus'])), cpuOf(text(reserved['cpus']))),
    memory: memoryFrom(
      memoryOf(text(limits['memory'] ?? raw['mem_limit'])),
      memoryOf(text(reserved['memory'] ?? raw['mem_reservation'])),
    ),
  }
}

function cpuFrom(limit: string | undefined, request: string | undefined): Workload['cpu'] {
  const asked = request ?? limit ?? GUESSED.cpu.request
  return limit === undefined ? { request: asked } : { request: smaller(asked, limit), limit }
}

function memoryFrom(limit: string | undefined, request: string | undefined): Workload['memory'] {
  const most = limit ?? request ?? GUESSED.memory.limit
  return { request: smaller(request ?? limit ?? GUESSED.memory.request, most), limit: most }
}

/** Kubernetes refuses a request above the limit; compose does not mind. */
function smaller(request: string, limit: string): string {
  return (parseQuantity(request) ?? 0) > (parseQuantity(limit) ?? 0) ? limit : request
}

function cpuOf(text: string | undefined): string | undefined {
  const cores = Number(text ?? '')
  return cores > 0 ? `${Math.max(1, Math.round(cores * 1000))}m` : undefined
}

/** Compose's units are powers of two, however they are written (https://docs.docker.com/reference/compose-file/extension/#specifying-byte-values). */
function memoryOf(text: string | undefined): string | undefined {
  const [, amount = '', unit = ''] = /^(\d+)\s*([bkmg]?)b?$/iu.exec(text ?? '') ?? []
  if (amount === '') return undefined
  return `${amount}${{ b: '', k: 'Ki', m: 'Mi', g: 'Gi' }[unit.toLowerCase()] ?? ''}`
}
