// Package lab has practice servers, so that every tab has something to talk to with no network: an echo, a chat that
// speaks XMLSocket, a game with a binary protocol ([GameProtocol]), a host that speaks Telnet, socket policy files,
// peers that are slow, reset or half closed, an echo of datagrams that loses, doubles, delays and reorders them, and a
// TLS server for each certificate status and for the faults that come together in practice.
//
// [Start] starts all of them, or those that are named; each listens on a free port of 127.0.0.1 and nowhere else, and
// an [Entry] says where, how a tab for it is set up, what to send first and what to look at.
//
// # The lab's certificate authority
//
// The TLS servers' certificates come from an authority that is made when the first of them starts, with keys that
// never leave the process but one: that of the client certificate. Its root, which nobody trusts unless told to, lies
// in [Lab.Dir] beside its revocation list and the client certificate; the TLS entries name the files, so that only
// tabs opened with an entry's configuration trust it. Its revocation lists and its OCSP responder are served over HTTP
// by the entry "authority".
//
// # Bounds
//
// Whoever is on this machine may connect, and what comes in is hostile. Each server takes a limited number of clients
// ([Options].MaxClients); a client that says nothing for [Options].Idle is closed, and so is one that does not take
// what waits for it. Every message, queue and wait has a limit.
package lab
