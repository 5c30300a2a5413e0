// Every fixed sentence of the voicemail, as it is to be spoken. Numbers, dates and telephone numbers are put together from
// the clips of ../prompts.

export const phrases = {
  'no-message': "Vous n'avez aucun message.",
  'you-have': 'Vous avez',
  none: 'aucun',
  'new-message': 'nouveau message',
  'new-messages': 'nouveaux messages',
  and: 'et',
  'archived-message': 'message archivé.',
  'archived-messages': 'messages archivés.',
  'message-number': 'Message',
  new: 'nouveau,',
  archived: 'archivé,',
  received: 'reçu',
  'from-number': 'du',
  'from-withheld': "d'un numéro masqué.",
  'reading-menu':
    'Pour écouter ou réécouter le message, tapez 1. Pour passer au suivant, tapez 2. Pour le sauvegarder, tapez 4. ' +
    "Pour l'effacer, tapez 5. Pour le menu principal, tapez étoile.",
  saved: 'Message sauvegardé.',
  erased: 'Message effacé.',
  'no-more-messages':
    "Vous n'avez plus d'autre message. Pour réécouter depuis le début, tapez 1. Pour le menu principal, tapez étoile.",
  'main-menu': 'Menu principal. Pour les options principales, tapez 1. Pour quitter, tapez étoile.',
  options:
    "Options. Pour enregistrer votre annonce d'accueil, tapez 1. Pour modifier votre mot de passe, tapez 2. " +
    'Pour revenir au menu principal, tapez étoile.',
  'record-greeting':
    "Enregistrez votre annonce d'accueil après le bip, puis tapez dièse. Pour revenir à l'annonce standard, tapez 5.",
  'greeting-is': "Voici votre annonce d'accueil.",
  'greeting-review':
    "Pour la réécouter, tapez 1. Pour l'enregistrer à nouveau, tapez 2. Pour revenir à l'annonce standard, tapez 5. " +
    'Pour revenir aux options, tapez étoile.',
  'greeting-standard': "L'annonce standard est rétablie.",
  'new-password': 'Composez votre nouveau mot de passe, de quatre à huit chiffres, puis dièse.',
  'password-again': 'Composez-le une seconde fois, puis dièse.',
  'password-length': 'Le mot de passe doit avoir de quatre à huit chiffres.',
  'passwords-differ': 'Les deux mots de passe sont différents.',
  'password-kept': 'Votre nouveau mot de passe est enregistré.',
  'enter-password': 'Composez votre mot de passe, puis dièse.',
  'wrong-password': 'Mot de passe incorrect.',
  'access-locked': "Après plusieurs essais, l'accès est bloqué. Rappelez plus tard.",
  'welcome-to': 'Bonjour. Vous êtes sur la messagerie vocale du',
  'leave-message': 'Laissez votre message après le bip.',
  'box-full': 'La messagerie de votre correspondant est pleine.',
  'message-kept': 'Votre message est enregistré.',
  'time-is-up': 'La durée maximale est atteinte.',
  'too-short': 'Votre message est trop court. Recommencez après le bip.',
  'not-stored': "L'enregistrement a échoué. Rien n'a été changé.",
  'unknown-key': 'Cette touche ne correspond à aucun choix.',
  goodbye: 'Au revoir.',
} as const

export type Phrase = keyof typeof phrases
