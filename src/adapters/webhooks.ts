import { ForgeError } from '../errors.ts'
import { forge } from '../hint.ts'
import type { Webhooks } from '../ports.ts'
import { withoutAddress } from './evidence/run-log.ts'

export const webhooks: Webhooks = {
  async post(url, message, signal) {
    const headers = { 'content-type': 'application/json', 'user-agent': 'forge' }
    try {
      // An address that leads elsewhere is no webhook: what it was is a secret that nobody else gets.
      const request = { method: 'POST', redirect: 'manual', headers, body: JSON.stringify(message), signal } as const
      const answer = await withoutAddress('a webhook', async () => await fetch(url, request))
      await answer.body?.cancel()
      return { status: answer.status }
    } catch (error) {
      signal.throwIfAborted()
      throw new ForgeError('E_NOTIFY_FAILED', `it could not be reached (${codeOf(error)})`, {
        hint: forge('explain', 'E_NOTIFY_FAILED'),
      })
    }
  },
}

/** The code alone: messages name the address. */
function codeOf(error: unknown): string {
  const { cause } = error as { readonly cause?: { readonly code?: unknown } }
  return typeof cause?.code === 'string' ? cause.code : 'no connection'
}
