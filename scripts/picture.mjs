// Makes the README's picture of what a terminal showed: `tmux capture-pane -e -p | node scripts/picture.mjs > docs/deploy.svg`.
// Colours (SGR 30-37, 90-97), bold and dim are kept; everything else that a terminal can do is not needed here.
import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'

const COLOURS = ['#4b5563', '#f87171', '#4ade80', '#facc15', '#60a5fa', '#c084fc', '#22d3ee', '#e5e7eb']
const [CELL, LINE, MARGIN, COLUMNS] = [8.43, 19, 16, 80]

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Pieces of one line with the style that each has. */
function pieces(line) {
  const found = []
  let [colour, bold, dim] = [undefined, false, false]
  for (const part of line.split(/(\u001b\[[\d;]*m)/u)) {
    const codes = /^\u001b\[([\d;]*)m$/u.exec(part)?.[1]
    if (codes === undefined) {
      if (part !== '') found.push({ text: stripVTControlCharacters(part), colour, bold, dim })
      continue
    }
    for (const code of codes.split(';').map(Number)) {
      if (code === 0) [colour, bold, dim] = [undefined, false, false]
      else if (code === 1) bold = true
      else if (code === 2) dim = true
      else if (code === 39) colour = undefined
      else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) colour = COLOURS[code % 10]
    }
  }
  return found
}

const lines = readFileSync(0, 'utf8').trimEnd().split('\n')
const [width, height] = [COLUMNS * CELL + 2 * MARGIN, lines.length * LINE + 2 * MARGIN]
const rows = lines.map((line, at) => {
  let column = 0
  const spans = pieces(line).map(({ text, colour, bold, dim }) => {
    const style = `${colour === undefined ? '' : ` fill="${colour}"`}${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.6"' : ''}`
    const span = `<tspan x="${(MARGIN + column * CELL).toFixed(1)}"${style}>${escape(text)}</tspan>`
    column += [...text].length
    return span
  })
  return `<text y="${MARGIN + (at + 0.75) * LINE}">${spans.join('')}</text>`
})
process.stdout
  .write(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width.toFixed(0)} ${height}" role="img" aria-label="A run of forge deploy">
<rect width="100%" height="100%" rx="8" fill="#111827"/>
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="14" fill="#e5e7eb" xml:space="preserve">
${rows.join('\n')}
</g>
</svg>
`)
