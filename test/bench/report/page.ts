// The report of a run as one HTML page that stands by itself: a table of scenarios, then each with its picture, its steps
// and its figures. And the run as plain data.

import type { RunReport, ScenarioReport } from '../runner.js'
import type { Figure } from '../stage.js'
import { pictureOf } from './picture.js'
import { escaped } from './svg.js'

const style = `
body { font: 14px/1.45 "DejaVu Sans", Verdana, sans-serif; color: #1f2933; margin: 24px auto; max-width: 1200px; padding: 0 12px }
h1 { font-size: 22px; margin: 0 0 4px } h2 { font-size: 17px; margin: 40px 0 4px }
table { border-collapse: collapse; margin: 12px 0; width: 100% }
th, td { text-align: left; vertical-align: top; padding: 4px 10px 4px 0; border-bottom: 1px solid #e4e7eb }
th { color: #616e7c; font-weight: normal }
td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.passed { color: #15803d } .failed { color: #b91c1c } .skipped { color: #616e7c }
.outcome { font-weight: bold } .faint { color: #616e7c }
svg { width: 100%; height: auto; border: 1px solid #e4e7eb }
a { color: inherit }
@media print { h2 { break-before: page } body { max-width: none } }
`

const row = (...cells: readonly string[]): string => `<tr>${cells.join('')}</tr>`
const cell = (words: string, kind = ''): string =>
  `<td${kind === '' ? '' : ` class="${kind}"`}>${escaped(words)}</td>`
const head = (...names: readonly string[]): string => row(...names.map(name => `<th>${escaped(name)}</th>`))

const figureText = ({ what, ms, limitMs }: Figure): string =>
  `${what} ${ms} ms${limitMs === undefined ? '' : ` (at most ${limitMs})`}`

const summary = (run: RunReport): string =>
  `<table>${head('', 'scenario', 'shows', 's', 'figures')}${run.scenarios
    .map(report =>
      row(
        cell(report.outcome, `outcome ${report.outcome}`),
        `<td><a href="#${report.name}">${escaped(report.name)}</a></td>`,
        cell(report.title),
        cell(report.outcome === 'skipped' ? '' : ((report.endUs - report.startUs) / 1e6).toFixed(1), 'n'),
        cell(report.reason ?? report.figures.map(figureText).join('; ')),
      ),
    )
    .join('')}</table>`

const stepRows = (report: ScenarioReport): string =>
  [...report.steps]
    .sort((a, b) => a.us - b.us)
    .map(({ us, line, what, tookMs, limitMs, ok, kind }) =>
      row(
        cell(((us - report.startUs) / 1e6).toFixed(3), 'n'),
        cell(line ?? ''),
        cell(what),
        cell(tookMs === undefined ? '' : `${tookMs}`, 'n'),
        cell(limitMs === undefined ? '' : `${limitMs}`, 'n'),
        cell(kind === 'action' || kind === 'note' ? '' : ok ? 'ok' : 'FAILED', ok ? 'passed' : 'failed'),
      ),
    )
    .join('')

const section = (report: ScenarioReport): string =>
  report.outcome === 'skipped'
    ? ''
    : `<h2 id="${report.name}">${escaped(report.name)} <span class="${report.outcome}">${report.outcome}</span></h2>
<p>${escaped(report.title)} <span class="faint">(${escaped(report.source)})</span></p>
${report.reason === undefined ? '' : `<p class="failed">${escaped(report.reason)}</p>`}
${pictureOf(report)}
<table>${head('at, s', 'line', 'done or expected', 'took, ms', 'at most, ms', '')}${stepRows(report)}</table>`

/** A whole page. */
export const pageOf = (run: RunReport): string => `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Bench report, ${escaped(run.target)}</title><style>${style}</style>
<h1>Bench report</h1>
<p>Target <b>${escaped(run.target)}</b>, lines ${escaped(run.lines.join(', '))}, ${escaped(run.startedAt)}${
  run.scale === 1 ? '' : `, limits × ${run.scale}`
}: <b class="passed">${run.passed} passed</b>, <b class="${run.failed > 0 ? 'failed' : ''}">${run.failed} failed</b>, ${run.skipped} skipped.</p>
${summary(run)}
${run.scenarios.map(section).join('\n')}
</html>
`

/** Without the course of the audio, which only its picture needs. */
export const dataOf = (run: RunReport): object => ({
  ...run,
  scenarios: run.scenarios.map(({ ear: _, events: __, ...report }) => report),
})
