// show profile, show board: the country this box speaks, and the hardware it stands on.

import { answer, type Command } from '../command.js'
import { tableRows } from '../pages.js'

export const showProfileCommand: Command = {
  words: ['show', 'profile'],
  help: {
    en: 'Country profile: timings, tones, emergency numbers',
    fr: 'Profil du pays : durees, tonalites',
  },
  level: 'view',
  run: ({ box }) => {
    const { name, rows } = box.profile()
    return answer({ name, ...Object.fromEntries(rows) }, () => [`profile ${name}`, ...tableRows(rows)])
  },
}

export const showBoardCommand: Command = {
  words: ['show', 'board'],
  help: { en: 'Board, its driver and its ports', fr: 'Carte, pilote et ports' },
  level: 'view',
  run: ({ box }) => {
    const { name, driver, lines, rows } = box.board()
    return answer({ name, driver, lines, ...Object.fromEntries(rows) }, () => [
      `board ${name}`,
      ...tableRows([['driver', driver], ['ports', lines.join(' ')], ...rows]),
    ])
  },
}
