// show codes: the star codes the box keeps itself; every other one goes to the network as dialled.

import { answer, type Command } from '../command.js'
import { tableRows } from '../pages.js'

const owners = { en: { box: 'box', network: 'network' }, fr: { box: 'box', network: 'reseau' } } as const

export const showCodesCommand: Command = {
  words: ['show', 'codes'],
  help: { en: 'Star codes: who keeps them, what they do', fr: 'Codes etoile : qui les traite' },
  level: 'view',
  run: ({ box }) => {
    const codes = box.codes()
    return answer(
      codes.map(code => ({ ...code })),
      language =>
        tableRows(codes.map(({ code, meaning, owner }) => [code, owners[language][owner], meaning])),
    )
  },
}
