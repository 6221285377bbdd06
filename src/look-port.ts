/** What goes on in pods: connections to their ports, and commands in their containers. */

export interface PodPlace {
  readonly namespace: string
  readonly name: string
}

/** How a command in a container ended. `refused`: it was not begun. `cut`: nobody knows, the connection ended first. */
export type CommandEnd =
  | { readonly kind: 'ended'; readonly exitStatus: number }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'cut' }

export interface PodStreams {
  /**
   * Listens on a port of this machine's loopback (a free one unless said) until the signal aborts, and gives its number. Each
   * connection is led where `to` says then. `onFailure`: why one could not be. Rejects with the system's error where the port is taken.
   */
  listen(
    localPort: number | undefined,
    to: (signal: AbortSignal) => Promise<{ readonly pod: PodPlace; readonly port: number }>,
    onFailure: (why: Error) => void,
    signal: AbortSignal,
  ): Promise<number>
  /** `sizes`: is given what to call when the terminal has another size (columns, rows), and calls it at once. */
  execute(
    pod: PodPlace,
    request: {
      readonly container: string
      readonly command: readonly string[]
      readonly tty: boolean
      readonly stdin: AsyncIterable<Uint8Array> | undefined
      readonly onOutput: (stream: 'stdout' | 'stderr', data: Uint8Array) => Promise<void>
      readonly sizes?: ((changed: (columns: number, rows: number) => void) => void) | undefined
    },
    signal: AbortSignal,
  ): Promise<CommandEnd>
}
