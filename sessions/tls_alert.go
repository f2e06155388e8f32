package sessions

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
)

// alertError is an alert that the server sent (RFC 8446 section 6.2), with what can be done about it.
type alertError struct {
	code uint8
	text string
	err  error
}

func (e *alertError) Error() string { return e.text }
func (e *alertError) Unwrap() error { return e.err }

// alertWords are the names of the alerts and what they mean to a client, with what to try in brackets.
// What a missing client certificate changes about them is in explainAlert.
var alertWords = map[uint8]struct{ name, text string }{
	0:   {"close_notify", "it ends the connection"},
	10:  {"unexpected_message", "it did not expect what was sent (is it a TLS server, and does it want STARTTLS first?)"},
	20:  {"bad_record_mac", "what reached it was damaged on the way"},
	21:  {"decryption_failed", "what reached it was damaged on the way"},
	22:  {"record_overflow", "it was sent a record that is too long for it"},
	30:  {"decompression_failure", "it could not unpack what was sent"},
	40:  {"handshake_failure", "it accepts nothing of what was offered (an old server may need legacy cipher suites; others want a client certificate, another server name, or do not serve this name)"},
	42:  {"bad_certificate", "it does not accept the client certificate"},
	43:  {"unsupported_certificate", "it cannot use a client certificate of this kind (try one with another type of key)"},
	44:  {"certificate_revoked", "it says that the client certificate has been revoked (get a new one)"},
	45:  {"certificate_expired", "it says that the client certificate has expired (get a new one, or check the server's clock)"},
	46:  {"certificate_unknown", "it does not accept the client certificate, and does not say why"},
	47:  {"illegal_parameter", "it calls something in the handshake wrong (try another range of versions)"},
	48:  {"unknown_ca", "it does not know the CA that issued the client certificate (send the intermediate certificates along, or use one of a CA that it names)"},
	49:  {"access_denied", "the client certificate is good, and its owner may not enter"},
	50:  {"decode_error", "it could not read what was sent (try another range of versions)"},
	51:  {"decrypt_error", "a signature or a checksum of the handshake was wrong to it (does the client certificate belong to its key?)"},
	60:  {"export_restriction", "it refuses the strength that was negotiated"},
	70:  {"protocol_version", "it speaks none of the TLS versions that were offered"},
	71:  {"insufficient_security", "it wants stronger cipher suites than were offered (switch legacy off)"},
	80:  {"internal_error", "it failed for a reason of its own (look into its log)"},
	86:  {"inappropriate_fallback", "it speaks a newer version than was offered (raise the highest version)"},
	90:  {"user_canceled", "it was cancelled on the other side"},
	100: {"no_renegotiation", "it refuses to shake hands again"},
	109: {"missing_extension", "it misses an extension in what was sent (try with a server name)"},
	110: {"unsupported_extension", "it was sent an extension it does not support"},
	112: {"unrecognized_name", "it does not serve the name that was sent (check the server name)"},
	113: {"bad_certificate_status_response", "it does not accept the OCSP response"},
	115: {"unknown_psk_identity", "it does not know the key that was offered"},
	116: {"certificate_required", "it wants a client certificate (name one, with its key)"},
	120: {"no_application_protocol", "it speaks none of the ALPN protocols that were offered (offer others, or none)"},
	121: {"ech_required", "it wants an encrypted client hello, which this program does not send"},
}

// remoteAlert returns the alert that the peer sent. crypto/tls keeps its type to itself.
func remoteAlert(err error) (code uint8, ok bool) { return alertOf(err, "remote error") }

func alertOf(err error, op string) (code uint8, ok bool) {
	var e *net.OpError
	if !errors.As(err, &e) || e.Op != op || e.Err == nil {
		return 0, false
	}
	text := e.Err.Error()
	for i := range 256 {
		if tls.AlertError(i).Error() == text {
			return uint8(i), true
		}
	}
	return 0, false
}

// offer is what a client had to say in a handshake, as far as it matters for its failing.
type offer struct {
	serverName string
	alpn       []string
	min, max   uint16
	legacy     bool
	asked      bool   // the server asked for a client certificate
	sent       string // the subject of the one sent, "" for none
}

// explainAlert puts an alert of the server's in words, nil when err is none.
func (o offer) explainAlert(err error) error {
	code, ok := remoteAlert(err)
	if !ok {
		return nil
	}
	w := alertWords[code]
	if w.name == "" {
		w.name, w.text = "without a name", "which RFC 8446 does not know"
	}
	text := w.text
	switch code {
	case 40, 42, 43, 44, 45, 46, 48, 49, 116:
		switch {
		case o.sent != "" && code == 116:
			text = fmt.Sprintf("it wants another client certificate than that of %s", o.sent)
		case o.sent != "" && code != 40:
			text += fmt.Sprintf("; it was that of %s", o.sent)
		case o.asked && o.sent == "":
			text = "it asked for a client certificate and got none (name one, with its key)"
		}
	case 70:
		text = fmt.Sprintf("it speaks none of the TLS versions offered, %s", o.versions())
		switch {
		case !o.legacy:
			text += " (an old server may speak 1.0 or 1.1 only: switch legacy on)"
		case o.max < tls.VersionTLS13:
			text += " (raise the highest version)"
		}
	case 112:
		if o.serverName != "" {
			text = fmt.Sprintf("it does not serve the name %s (check the server name)", o.serverName)
		} else {
			text = "it wants a server name, and none was sent (write one; an IP address is never sent)"
		}
	case 120:
		if len(o.alpn) == 0 {
			text = "it wants an ALPN protocol, and none was offered (offer one, for example h2 or http/1.1)"
		} else {
			text = fmt.Sprintf("it speaks none of the ALPN protocols offered, %q (offer others, or none)", o.alpn)
		}
	}
	return &alertError{code, fmt.Sprintf("the server sent the alert %s (%d): %s", w.name, code, text), err}
}

// versions writes the range offered: "TLS 1.2 to TLS 1.3", "TLS 1.2".
func (o offer) versions() string {
	if o.min == o.max {
		return tls.VersionName(o.min)
	}
	return tls.VersionName(o.min) + " to " + tls.VersionName(o.max)
}
