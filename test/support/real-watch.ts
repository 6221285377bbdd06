import { execa } from 'execa'
import { KUBECONFIG } from './real-cluster.ts'

/** A field of all objects of a kind in a namespace (or of one, KIND/NAME), at each change, until it is stopped. */
export function follow<Field>(
  namespace: string,
  what: string,
  field: string,
  each: (value: Field) => void,
): () => Promise<void> {
  const abort = new AbortController()
  const path = `jsonpath={${field}}{"\\n"}`
  const args = ['--kubeconfig', KUBECONFIG, '-n', namespace, 'get', what, '--watch', '-o', path]
  const watching = execa('kubectl', args, { cancelSignal: abort.signal, reject: false, stdin: 'ignore' })
  const done = (async () => {
    for await (const line of watching) if (/^[{\d]/u.test(line)) each(JSON.parse(line) as Field)
  })().catch(() => undefined)
  return async () => {
    abort.abort()
    await done
  }
}
