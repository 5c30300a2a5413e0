// SIPp scenarios as text. rport (RFC 3581) brings answers back to the relay instead of past it. The peer hides behind the relay: its Contact is the relay's address, so that in-dialog
// requests are subject to the same loss. `[…]` words are SIPp's own.

const contact = (relay: string) => `Contact: <sip:peer@${relay}:5060>`

const sdp = `v=0
o=peer 53655765 2353687637 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15`

/** First lines of an answer. */
export const answerHead = (status: string, tag = ';tag=[call_number]') => `SIP/2.0 ${status}
[last_Via:]
[last_Record-Route:]
[last_From:]
[last_To:]${tag}
[last_Call-ID:]
[last_CSeq:]`

/** A step that sends `text`. */
export const send = (text: string, attributes = '') => `<send ${attributes}><![CDATA[

${text}

]]></send>`

export const empty = 'Content-Length: 0'
export const withSdp = `Content-Type: application/sdp
Content-Length: [len]

${sdp}`

/** A scenario file of these steps. */
export const scenario = (name: string, steps: readonly string[]) =>
  `<?xml version="1.0" encoding="ISO-8859-1" ?>
<!DOCTYPE scenario SYSTEM "sipp.dtd">
<scenario name="${name}">
${steps.join('\n')}
</scenario>
`

/** Answers every REGISTER with 200 and its own Contact. */
export const registrar = (): string =>
  scenario('registrar', [
    '<recv request="REGISTER"/>',
    send(`${answerHead('200 OK')}\n[last_Contact:]\nExpires: 3600\n${empty}`),
  ])

/** Rings, answers after `ringMs`, waits for the box to hang up. The ACK may be lost: a BYE is as good. */
export const callee = (relay: string, ringMs = 200): string =>
  scenario('callee', [
    '<recv request="INVITE"/>',
    send(`${answerHead('180 Ringing')}\n${contact(relay)}\n${empty}`),
    `<pause milliseconds="${ringMs}"/>`,
    send(`${answerHead('200 OK')}\n${contact(relay)}\n${withSdp}`, 'retrans="500"'),
    '<recv request="ACK" optional="true"/>',
    '<recv request="BYE"/>',
    send(`${answerHead('200 OK', '')}\n${empty}`),
    '<timewait milliseconds="4000"/>',
  ])

/** Rings until it is cancelled, then 200 to the CANCEL and 487 to the INVITE. */
export const cancelledCallee = (relay: string): string =>
  scenario('cancelled callee', [
    '<recv request="INVITE"><action><ereg regexp=".*" search_in="hdr" header="Via:" assign_to="via"/><ereg regexp=".*" search_in="hdr" header="CSeq:" assign_to="cseq"/></action></recv>',
    send(`${answerHead('180 Ringing')}\n${contact(relay)}\n${empty}`),
    '<recv request="CANCEL"/>',
    send(`${answerHead('200 OK')}\n${empty}`),
    send(
      `SIP/2.0 487 Request Terminated
Via:[$via]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
CSeq:[$cseq]
${empty}`,
      'retrans="500"',
    ),
    '<recv request="ACK"/>',
  ])

/** Challenges the INVITE after `delayMs`, then expects the ACK and nothing more for three seconds. */
export const slowChallenge = (delayMs: number): string =>
  scenario('slow challenge', [
    '<recv request="INVITE"/>',
    `<pause milliseconds="${delayMs}"/>`,
    send(
      `${answerHead('407 Proxy Authentication Required')}
Proxy-Authenticate: Digest realm="operator.test", nonce="0123456789abcdef", algorithm=MD5, qop="auth"
${empty}`,
      'retrans="500"',
    ),
    '<recv request="ACK"/>',
    '<pause milliseconds="3000"/>',
  ])

const invite = (relay: string, user: string) => `INVITE sip:${user}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch];rport
From: <sip:0612345678@operator.test>;tag=[pid][call_number]
To: <sip:${user}@operator.test>
Call-ID: [call_id]
CSeq: 1 INVITE
${contact(relay)}
Max-Forwards: 70
${withSdp}`

const follow = (method: string, relay: string, user: string, cseq: number) => `${method} [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch];rport
From: <sip:0612345678@operator.test>;tag=[pid][call_number]
To: <sip:${user}@operator.test>[peer_tag_param]
Call-ID: [call_id]
CSeq: ${cseq} ${method}
${contact(relay)}
Max-Forwards: 70
${empty}`

const provisional = ['<recv response="100" optional="true"/>', '<recv response="180" optional="true"/>']

/** Calls the box, talks for `talkMs`, hangs up. */
export const caller = (relay: string, user: string, talkMs = 300): string =>
  scenario('caller', [
    send(invite(relay, user), 'retrans="500"'),
    ...provisional,
    '<recv response="200" rrs="true"/>',
    send(follow('ACK', relay, user, 1)),
    `<pause milliseconds="${talkMs}"/>`,
    send(follow('BYE', relay, user, 2), 'retrans="500"'),
    '<recv response="200" crlf="true"/>',
  ])

/** Calls the box and expects to be refused with 486. */
export const refusedCaller = (relay: string, user: string): string =>
  scenario('refused caller', [
    send(invite(relay, user), 'retrans="500"'),
    ...provisional,
    '<recv response="486"/>',
    send(
      `ACK sip:${user}@[remote_ip]:[remote_port] SIP/2.0
[last_Via:]
From: <sip:0612345678@operator.test>;tag=[pid][call_number]
To: <sip:${user}@operator.test>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
${empty}`,
    ),
    '<timewait milliseconds="1000"/>',
  ])
