import { clearScreenDown, cursorTo, moveCursor } from 'node:readline'
import type { WriteStream } from 'node:tty'

/** Writes rows over those that it wrote before; what does not fit on the screen is left out at the end. */
export function redrawOn(stream: WriteStream): (rows: readonly string[]) => void {
  let drawn = 0
  return (rows) => {
    const fitting = rows.slice(0, Math.max(stream.rows - 1, 1))
    if (drawn > 0) {
      moveCursor(stream, 0, -drawn)
      cursorTo(stream, 0)
      clearScreenDown(stream)
    }
    stream.write(`${fitting.join('\n')}\n`)
    drawn = fitting.length
  }
}
