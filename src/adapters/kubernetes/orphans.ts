import { subscribe } from 'node:diagnostics_channel'
import type { ClientHttp2Stream } from 'node:http2'

/**
 * Of a request that was given up, Node makes a second stream when the answer's headers come after all (lib/internal/http2
 * /core.js, onSessionHeaders). Nobody knows of it: when the connection ends it tells its 'error' to nobody, and Node ends
 * the process. So every stream gets a listener. What matters of an error, undici hears itself.
 */
export function hearOrphans(): void {
  subscribe('http2.client.stream.created', (message) => {
    const { stream } = message as { readonly stream: ClientHttp2Stream }
    stream.on('error', () => undefined)
  })
}
