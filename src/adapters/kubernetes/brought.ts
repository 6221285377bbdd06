import { realpathSync } from 'node:fs'
import path from 'node:path'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import { expected } from '../../expected.ts'

/**
 * A kubeconfig that lies in a checkout, or a credential plugin: whoever changes it says where forge goes, and what it runs on
 * the way. `checkout` undefined: it is trusted. Throws E_UNTRUSTED.
 */
export function refuseBrought(
  what: 'kubeconfig' | 'credential plugin',
  file: string,
  checkout: string | undefined,
): void {
  if (checkout === undefined || !(isIn(checkout, path.resolve(file)) || isIn(real(checkout), real(file)))) return
  throw new ForgeError('E_UNTRUSTED', `the ${what} ${file} is part of the checkout, which strangers may have changed`, {
    hint: forge('explain', 'E_UNTRUSTED'),
    where: file,
  })
}

function isIn(folder: string, file: string): boolean {
  return file.startsWith(`${folder}${path.sep}`)
}

/** What is not there is told by whoever opens it. */
function real(file: string): string {
  try {
    return realpathSync(file)
  } catch (error) {
    expected(error)
    return path.resolve(file)
  }
}
