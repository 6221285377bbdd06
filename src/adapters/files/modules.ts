import { pathToFileURL } from 'node:url'
import { ForgeError } from '../../errors.ts'
import { program } from '../../hint.ts'
import type { ProjectModules, TransformRequest } from '../../domain/transforms/module.ts'

type Transform = (text: string, about: TransformRequest['about']) => unknown

/** Modules of the project, with all rights of forge itself; Node strips types, so TypeScript works too. */
export const projectModules: ProjectModules = {
  async transform({ module, text, about }, signal) {
    signal.throwIfAborted()
    const transform = await load(module)
    const stopped = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    })
    const result = await Promise.race([call(transform, text, about, module), stopped])
    if (typeof result === 'string') return result
    throw broken(module, `transform gave ${result === null ? 'null' : typeof result} for ${about.file}, not a text`)
  },
}

async function load(module: string): Promise<Transform> {
  let found: { readonly transform?: unknown }
  try {
    found = (await import(pathToFileURL(module).href)) as typeof found
  } catch (error) {
    throw broken(module, `cannot be loaded: ${messageOf(error)}`, error)
  }
  if (typeof found.transform === 'function') return found.transform as Transform
  throw broken(module, 'exports no function named transform')
}

async function call(transform: Transform, text: string, about: TransformRequest['about'], module: string) {
  try {
    return await transform(text, about)
  } catch (error) {
    throw broken(module, `failed on ${about.file}: ${messageOf(error)}${lineIn(module, error)}`, error)
  }
}

/** Where in the module it was thrown, from the stack. */
function lineIn(module: string, error: unknown): string {
  const { stack } = (error ?? {}) as { stack?: unknown }
  const lines = typeof stack === 'string' ? stack.split('\n') : []
  const line = lines.find((one) => one.includes(pathToFileURL(module).href) || one.includes(`${module}:`))
  const number = line === undefined ? undefined : /:(\d+):\d+\)?$/u.exec(line)?.[1]
  return number === undefined ? '' : ` (line ${number})`
}

function broken(module: string, what: string, cause?: unknown): ForgeError {
  return new ForgeError('E_TRANSFORM', what, { hint: program('node', '--check', module), where: module, cause })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
