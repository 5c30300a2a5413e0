// Names of SIP headers: how they are spelt, their compact forms, and which of them stand only once (RFC 3261 §7.3, §20).

/** Usual spellings of the headers we know, those of RFC 3261 §20 and of the extensions a telephone meets. */
export const usual = [
  'Accept Accept-Contact Accept-Encoding Accept-Language Alert-Info Allow Allow-Events Authentication-Info',
  'Authorization Call-ID Call-Info Contact Content-Disposition Content-Encoding Content-Language Content-Length',
  'Content-Type CSeq Date Diversion Error-Info Event Expires From History-Info Identity In-Reply-To Max-Forwards',
  'MIME-Version Min-Expires Min-SE Organization P-Asserted-Identity P-Associated-URI P-Called-Party-ID',
  'P-Early-Media P-Preferred-Identity Path Priority Privacy Proxy-Authenticate Proxy-Authorization Proxy-Require',
  'RAck Reason Record-Route Refer-To Referred-By Reject-Contact Remote-Party-ID Replaces Reply-To',
  'Request-Disposition Require Retry-After Route RSeq Server Service-Route Session-Expires SIP-ETag SIP-If-Match',
  'Subject Subscription-State Supported Timestamp To Unsupported User-Agent Via Warning WWW-Authenticate',
]
  .join(' ')
  .split(' ')

/** Compact forms (RFC 3261 §7.3.3 and the registry of header names). */
export const compact: Readonly<Record<string, string>> = {
  a: 'Accept-Contact',
  b: 'Referred-By',
  c: 'Content-Type',
  d: 'Request-Disposition',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  o: 'Event',
  r: 'Refer-To',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
  x: 'Session-Expires',
  y: 'Identity',
}

/** Headers that may stand only once; at most 31, each has a bit. */
export const single = (
  'Call-ID Content-Length Content-Type CSeq Event Expires From Max-Forwards Min-Expires Min-SE RAck Refer-To ' +
  'Replaces RSeq Session-Expires Subscription-State To'
).split(' ')
