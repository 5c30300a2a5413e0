// What happens at the operator, for whoever watches over the control socket: services as they are set, messages as they
// come, what is said to whom and which keys answer it.

import type { Profile, Profiles } from './profiles.js'
import type { Mailboxes } from './voicemail/mailboxes.js'

type Counted = Pick<Mailboxes, 'summary' | 'onChange'>

export type News =
  | { readonly ev: 'profile'; readonly user: string; readonly profile: Profile }
  | { readonly ev: 'messages'; readonly user: string; readonly new: number; readonly archived: number }
  | {
      readonly ev: 'said'
      /** Who hears it; undefined where the network does not know him. */
      readonly user: string | undefined
      /** The number he dialled. */
      readonly called: string
      readonly text: string
      /** How long it takes, ms, unless something else is said before its end. */
      readonly ms: number
    }
  | { readonly ev: 'key'; readonly called: string; readonly digit: string }

export interface NewsBoard {
  tell(news: News): void
  /** Messages are told from now on. */
  follow(mailboxes: Counted): void
  /** Everything that stands, at once, then what changes; ends when the answer is called. */
  watch(reader: (news: News) => void): () => void
}

export const createNewsBoard = (profiles: Profiles): NewsBoard => {
  let mailboxes: Counted | undefined
  const readers = new Set<(news: News) => void>()
  const tell = (news: News): void => {
    for (const reader of readers) reader(news)
  }
  const messagesOf = (user: string): News => {
    const { fresh, archived } = mailboxes?.summary(user) ?? { fresh: 0, archived: 0 }
    return { ev: 'messages', user, new: fresh, archived }
  }
  profiles.onChange(({ user, after }) => tell({ ev: 'profile', user, profile: after }))
  return {
    tell,
    follow: followed => {
      mailboxes = followed
      followed.onChange(user => tell(messagesOf(user)))
    },
    watch: reader => {
      for (const user of profiles.users) {
        reader({ ev: 'profile', user, profile: profiles.of(user) })
        if (mailboxes !== undefined) reader(messagesOf(user))
      }
      readers.add(reader)
      return () => void readers.delete(reader)
    },
  }
}
